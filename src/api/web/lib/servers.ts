// The foreign Modbus servers of devices.
import type { Device } from './types';

// True for a network.modbus_host that is a serial line.
export function isSerialHost(host: string | null): boolean {
    return host?.startsWith('serial:') ?? false;
}

// The foreign server: "10.0.0.17:502", "serial:/dev/ttyUSB0:9600,8N1". Empty: the local one.
export function serverText({ modbus_host, modbus_port }: Device['network']): string {
    if (modbus_host === null || isSerialHost(modbus_host)) return modbus_host ?? '';
    return `${modbus_host}:${modbus_port}`;
}
