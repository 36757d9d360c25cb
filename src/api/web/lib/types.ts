// The resources of the REST API, as docs/openapi.json has them.

export type Quality = 'good' | 'stale' | 'bad' | 'never';
export type Table = 'coil' | 'discrete_input' | 'input_register' | 'holding_register';
export type Direction = 'to_modbus' | 'to_mqtt' | 'both' | 'constant' | 'companion';

export interface LastError {
    code: string;
    detail: string;
    at: string | null;
}

export interface Warning {
    code: string;
    detail: string;
    pointer?: string;
}

export interface Device {
    name: string;
    label: string;
    description: string;
    enabled: boolean;
    profile: { name: string; params: Record<string, unknown>; base: Partial<Record<Table, number>> } | null;
    network: {
        address: string | null;
        modbus_host: string | null;
        modbus_port: number;
        framing: 'tcp' | 'rtu';
        tls: boolean;
        unit_id: number;
        max_write_registers: number;
        min_interval_ms: number;
        write_single: boolean;
        poll_interval_ms: number;
        rewrite_on_reconnect: boolean;
        gateway: string | null;
    };
    mqtt: {
        topic: string;
        qos: number;
        availability_topic: string | null;
        availability_key: string | null;
        payload_available: string | null;
        payload_unavailable: string | null;
        stale_after_s: number;
        timestamp_key: string | null;
        where: Record<string, unknown> | null;
        request: { topic: string; payload: string; interval_s: number; qos: number } | null;
    };
    status: { table: Table; address: number } | null;
    id: number;
    revision: number;
    created_at: string;
    updated_at: string;
    quality?: Quality;
    reason?: string | null;
    warnings?: Warning[];
}

export interface DeviceStatus {
    device: string;
    quality: Quality;
    reason: string | null;
    last_message_at: string | null;
    messages: number;
    rejects: number;
    last_error: LastError | null;
}

export interface Tag {
    device: string;
    profile: string | null;
    name: string;
    label: string;
    description: string;
    unit: string;
    enabled: boolean;
    direction: Direction;
    mqtt: {
        key: string;
        topic: string | null;
        payload: 'json' | 'text' | 'sparkplug';
        values: Record<string, number> | null;
        command_topic: string | null;
        command_template: string | null;
        command_qos: number;
        command_retain: boolean;
        settle_ms: number;
        hold_off_ms: number;
        pattern: string | null;
        number: 'decimal' | 'decimal_comma' | 'hex';
        quality_key: string | null;
        expires_s: number;
        expire_value: number | string | boolean | null;
        command_on: 'write' | 'change';
        min_interval_ms: number;
        min_change: number;
    };
    modbus: {
        table: Table;
        address: number;
        modicon: string;
        type: string;
        byte_order: string;
        bit: number | null;
        byte: 'low' | 'high' | null;
        length: number | null;
        scale: number;
        offset: number;
        on_overflow: 'reject' | 'clamp';
        on_stale: number | 'nan' | null;
        on_null: 'hold' | 'stale';
        constant: number | string | boolean | null;
        companion: 'none' | 'quality' | 'age_s' | 'time_s' | 'time_ms';
        companion_of: string | null;
        min_change: number;
        min_interval_ms: number;
    };
    id: number;
    revision: number;
    created_at: string;
    updated_at: string;
    quality?: Quality;
    reason?: string | null;
    warnings?: Warning[];
}

export interface Value {
    device: string;
    tag: string;
    value: number | string | boolean | null;
    raw: number[] | null;
    quality: Quality;
    reason: string | null;
    received_at: string | null;
    written_at: string | null;
    age_ms: number | null;
    expires_at: string | null;
    messages: number;
    rejects: number;
    last_error: LastError | null;
}

export interface Message {
    sequence: number;
    at: string | null;
    device: string | null;
    topic: string;
    payload: string;
    encoding: 'text' | 'hex';
    looks_like: string | null;
    bytes: number;
    retained: boolean;
    outcome: string;
    tags: number;
    written: number;
    rejected: number;
    held: number;
    error: { code: string; tag: string | null; byte: number | null } | null;
    keys: string | null;
}

export interface ReadinessPart {
    state: string;
    reason: string | null;
    detail: string | null;
    since: string | null;
}

export interface Readiness {
    status: 'ready' | 'not_ready';
    revision: number | null;
    [part: string]: ReadinessPart | string | number | null;
}

export interface Gateway {
    name: string | null;
    host: string | null; // of a leader that was not heard of yet its URL
    self: boolean;
    role: 'leader' | 'follower' | null; // null: nothing was heard of it
    leader: string | null; // the URL that it follows
    term: number | null;
    revision: number | null;
    lag_s: number | null;
    last_error: LastError | null;
    ready: boolean | null;
    parts: Record<string, Pick<ReadinessPart, 'state' | 'reason'>> | null;
    devices: number;
    last_seen: string | null; // null for this gateway
}

export interface Session {
    tokens: boolean; // access tokens are in use
    name: string | null; // of this token
    scope: 'read' | 'write';
    version: string;
}

export interface Difference {
    pointer: string;
    before: unknown;
    after: unknown;
}

export interface AuditEntry {
    id: number;
    revision: number;
    at: string;
    who: string; // the name of the token
    remote: string;
    request_id: string;
    action: 'create' | 'change' | 'delete' | 'import' | 'revert' | 'copy';
    kind: 'device' | 'tag' | 'profile' | 'all' | 'discovery';
    device: string | null;
    tag: string | null;
    profile: string | null;
    before: Record<string, unknown> | null;
    after: Record<string, unknown> | null;
    diff: Difference[];
}

export interface RevertResult {
    created: number;
    changed: number;
    deleted: number;
    dry_run: boolean;
    revision: number | null;
    audit: number | null;
    changes?: { action: string; device?: string; tag?: string | null; profile?: string; diff?: Difference[] }[];
}

export interface ImportChange {
    action: 'create' | 'change' | 'unchanged' | 'delete';
    profile?: string;
    device?: string;
    tag?: string | null;
    table?: Table;
    address?: number;
    modicon?: string;
    before?: Record<string, unknown> | null;
    after?: Record<string, unknown> | null;
    warnings?: ImportFault[];
}

export interface ImportFault {
    pointer?: string;
    row?: number;
    rows?: string;
    column?: string;
    cell?: string;
    code: string;
    detail: string;
}

export interface ImportResult {
    created: number;
    changed: number;
    deleted: number;
    dry_run: boolean;
    changes?: ImportChange[];
    warnings?: ImportFault[];
}
