"""The REST service of the comparison stack: Flask and SQLAlchemy, run as `gunicorn -w 2 api:app`."""

from flask import abort, jsonify, request
from sqlalchemy.exc import IntegrityError

from models import Device, Tag, app, db


def find_device(name):
    return db.session.execute(db.select(Device).filter_by(name=name)).scalar_one_or_none() \
        or abort(404)


def find_tag(device, name):
    return db.session.execute(db.select(Tag).join(Device).filter(
        Device.name == device, Tag.name == name)).scalar_one_or_none() or abort(404)


def commit():
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        abort(409)


def fill_tag(tag, body):
    mqtt, modbus = body.get("mqtt", {}), body.get("modbus", {})
    for name in ("name", "description", "unit"):
        if name in body:
            setattr(tag, name, body[name])
    if "key" in mqtt:
        tag.key = mqtt["key"]
    for name in ("address", "type", "scale", "offset"):
        if name in modbus:
            setattr(tag, name, modbus[name])
    if tag.key is None:
        tag.key = tag.name
    if tag.type not in (None, "uint16", "float32"):
        abort(422)


@app.get("/api/v1/devices")
def list_devices():
    limit = min(int(request.args.get("limit", 100)), 1000)
    query = db.select(Device).order_by(Device.name).limit(limit)
    return jsonify(items=[device.as_dict() for device in db.session.scalars(query)])


@app.post("/api/v1/devices")
def create_device():
    body = request.get_json()
    if not body.get("name") or not body.get("mqtt", {}).get("topic"):
        abort(422)
    device = Device(name=body["name"], description=body.get("description", ""),
                    topic=body["mqtt"]["topic"], qos=body["mqtt"].get("qos", 1))
    db.session.add(device)
    commit()
    return jsonify(device.as_dict()), 201


@app.get("/api/v1/devices/<name>")
def get_device(name):
    return jsonify(find_device(name).as_dict())


@app.get("/api/v1/devices/<name>/tags")
def list_tags(name):
    return jsonify(items=[tag.as_dict() for tag in find_device(name).tags])


@app.post("/api/v1/devices/<name>/tags")
def create_tag(name):
    body = request.get_json()
    if not body.get("name") or "address" not in body.get("modbus", {}):
        abort(422)
    tag = Tag(device=find_device(name))
    fill_tag(tag, body)
    db.session.add(tag)
    commit()
    return jsonify(tag.as_dict()), 201


@app.get("/api/v1/devices/<device>/tags/<name>")
def get_tag(device, name):
    return jsonify(find_tag(device, name).as_dict())


@app.patch("/api/v1/devices/<device>/tags/<name>")
def patch_tag(device, name):
    tag = find_tag(device, name)
    fill_tag(tag, request.get_json())
    commit()
    return jsonify(tag.as_dict())
