"""The MQTT side of the comparison stack: paho-mqtt hands over each message, its device and tags are
looked up in the database, and each value found is written with a pymodbus client.

    listener.py BROKER_PORT MODBUS_PORT
"""

import json
import struct
import sys

import paho.mqtt.client as mqtt
from pymodbus.client import ModbusTcpClient
from sqlalchemy.orm import joinedload

from models import Device, app, db


def registers(tag, value):
    raw = (float(value) - tag.offset) / tag.scale
    if tag.type == "float32":
        return list(struct.unpack(">HH", struct.pack(">f", raw)))
    return [round(raw) & 0xFFFF]


class Listener:
    def __init__(self, broker_port, modbus_port):
        self.modbus = ModbusTcpClient("127.0.0.1", port=modbus_port)
        self.modbus.connect()
        self.mqtt = mqtt.Client("listener", clean_session=True)
        self.mqtt.on_connect = self.on_connect
        self.mqtt.on_message = self.on_message
        self.mqtt.connect("127.0.0.1", broker_port)

    def on_connect(self, client, _data, _flags, _code):
        with app.app_context():
            for device in db.session.scalars(db.select(Device)):
                client.subscribe(device.topic, device.qos)
        print("connected", flush=True)

    def on_message(self, _client, _data, message):
        try:
            values = json.loads(message.payload)
        except ValueError:
            return
        with app.app_context():
            query = db.select(Device).filter_by(topic=message.topic).options(
                joinedload(Device.tags))
            for device in db.session.scalars(query).unique():
                self.write(device, values)

    def write(self, device, values):
        for tag in device.tags:
            if tag.key in values:
                self.modbus.write_registers(tag.address, registers(tag, values[tag.key]),
                                            slave=device.unit_id)


if __name__ == "__main__":
    Listener(int(sys.argv[1]), int(sys.argv[2])).mqtt.loop_forever()
