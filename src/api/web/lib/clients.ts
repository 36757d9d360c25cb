// The connections of the Modbus server, as /modbus/clients has them.

export type Side = 'scada' | 'inputs' | 'outputs';
export type Protocol = 'tcp' | 'rtu' | 'udp' | 'serial' | 'tls';

export interface LastRequest {
    at: string;
    function: number;
    unit: number;
    start: number | null;
    count: number | null;
    exception: number | null;
}

export interface Client {
    address: string;
    port: number;
    side: Side;
    protocol: Protocol;
    role: string | null;
    since: string;
    units: number[];
    functions: Record<string, number>;
    requests: number;
    exceptions: number;
    rate: number;
    last_request: LastRequest | null;
}

export interface Refusal {
    address: string;
    port: number;
    side: Side;
    at: string;
    since: string;
    count: number;
    reason: string;
    detail: string;
}

export interface Listener {
    address: string;
    port: number;
    protocol: Protocol;
}

export interface Clients {
    state: 'up' | 'down' | 'hangs' | 'starting';
    listen: Listener[];
    items: Client[];
    total: number;
    refused: Refusal[];
}
