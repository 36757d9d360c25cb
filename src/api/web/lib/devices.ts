// The devices of the store by their name, for screens that show tags: topic and label of each.
import { effect, signal } from '@preact/signals';
import { getAll, pathOf } from './api';
import { revision } from './live';
import type { Device } from './types';

const DEVICES_MAX = 10000;

export const devices = signal<ReadonlyMap<string, Device>>(new Map());

let wanted = false;
let reading = false;
let again = false;

async function readDevices(): Promise<void> {
    if (reading) {
        again = true;
        return;
    }
    reading = true;
    do {
        again = false;
        try {
            const all = await getAll<Device>(pathOf('devices'), {}, DEVICES_MAX);
            devices.value = new Map(all.map((device) => [device.name, device]));
        } catch {
            // the banner tells of a lost connection; the next revision reads them again
        }
    } while (again);
    reading = false;
}

// Reads the devices now, and from now on with each revision of the store.
export function useDevices(): ReadonlyMap<string, Device> {
    if (!wanted) {
        wanted = true;
        effect(() => {
            void revision.value;
            void readDevices();
        });
    }
    return devices.value;
}
