"""The tables of the comparison stack: devices, and tags that map a JSON key to a register."""

import os

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///" + os.environ["ORIGINAL_DATABASE"]
db = SQLAlchemy(app)


class Device(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(64), unique=True, nullable=False)
    description = db.Column(db.String(255), default="")
    unit_id = db.Column(db.Integer, default=1)
    topic = db.Column(db.String(255), index=True, nullable=False)
    qos = db.Column(db.Integer, default=1)
    tags = db.relationship("Tag", back_populates="device", cascade="all, delete-orphan",
                           order_by="Tag.name")

    def as_dict(self):
        return {"id": self.id, "name": self.name, "description": self.description,
                "network": {"unit_id": self.unit_id},
                "mqtt": {"topic": self.topic, "qos": self.qos}}


class Tag(db.Model):
    __table_args__ = (db.UniqueConstraint("device_id", "name"),)
    id = db.Column(db.Integer, primary_key=True)
    device_id = db.Column(db.ForeignKey("device.id"), nullable=False)
    device = db.relationship("Device", back_populates="tags")
    name = db.Column(db.String(64), nullable=False)
    description = db.Column(db.String(255), default="")
    unit = db.Column(db.String(32), default="")
    key = db.Column(db.String(64), nullable=False)
    address = db.Column(db.Integer, nullable=False)
    type = db.Column(db.String(16), default="uint16")
    scale = db.Column(db.Float, default=1.0)
    offset = db.Column(db.Float, default=0.0)

    def as_dict(self):
        return {"id": self.id, "device": self.device.name, "name": self.name,
                "description": self.description, "unit": self.unit, "mqtt": {"key": self.key},
                "modbus": {"table": "holding_register", "address": self.address,
                           "type": self.type, "scale": self.scale, "offset": self.offset}}


with app.app_context():
    db.create_all()
