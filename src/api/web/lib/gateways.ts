// The gateways that share a configuration, and the role of this one.
import { computed, signal } from '@preact/signals';
import { get, pathOf } from './api';
import { mayWrite } from './session';
import type { Device, Gateway } from './types';

export const gateways = signal<Gateway[]>([]);

export const ownGateway = computed(() => gateways.value.find((one) => one.self) ?? null);
// The URL of the gateway where the configuration is changed; null: here.
export const leader = computed(() => ownGateway.value?.leader ?? null);
// False hides what a token that may only read, or a follower, would be refused.
export const mayChange = computed(() => mayWrite.value && leader.value === null);
// False where there is one gateway, which nobody has named.
export const isOneOfSeveral = computed(() => gateways.value.some((one) => !one.self || one.name !== null || one.role !== 'leader' || one.last_error !== null));

export async function readGateways(signal?: AbortSignal): Promise<true> {
    gateways.value = (await get<{ items: Gateway[] }>(pathOf('gateways'), { signal: signal ?? null })).items;
    return true;
}

// Whether this gateway holds the devices of a gateway; null: every one does.
export function isHere(gateway: string | null): boolean {
    return gateway === null || gateway === ownGateway.value?.name;
}

// Where the registers of a device of the local server are.
export function placeOf({ network }: Device): string {
    const own = ownGateway.value?.name ?? null;
    if (network.gateway !== null) return network.gateway === own ? `on this gateway, ${own}, only` : `on the gateway ${network.gateway}`;
    return gateways.value.length > 1 ? 'on every gateway' : 'on this gateway';
}

// The names of gateways, for a field.
export function gatewayNames(): string[] {
    return [...new Set(gateways.value.flatMap(({ name }) => name ?? []))].sort();
}
