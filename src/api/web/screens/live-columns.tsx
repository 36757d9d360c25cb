// The columns of Live: what each shows, and by what it sorts.
import type { ComponentChildren } from 'preact';
import { ageText, cutText, qualityWords, rawText, reasonText, shortDirectionWords, shortReasonText, tableWords, valueText } from '../lib/format';
import { isByteType } from '../lib/decode';
import { devices } from '../lib/devices';
import { tick, type Row } from '../lib/live';
import { linkTo } from '../lib/router';
import { Sparkline } from '../ui/sparkline';
import type { Column } from '../ui/table';

export type SortKey = number | string | null;

export interface LiveColumn extends Column<Row> {
    key?: (row: Row) => SortKey; // null is always last
    moves?: boolean; // the key changes with the value
}

// The topic whose messages have the tag's value.
export function topicOf(row: Row): string {
    return row.config.mqtt?.topic ?? devices.value.get(row.device)?.mqtt.topic ?? '';
}

export function keyText(row: Row): string {
    return row.config.mqtt?.key ?? '';
}

// Two lines in a cell: what matters, and what is beside it.
function TwoLines({ first, second, code = false }: { first: ComponentChildren; second?: ComponentChildren; code?: boolean }) {
    return (
        <>
            <div class={code ? 'code line' : 'line'}>{first}</div>
            {second ? <div class={`second line${code ? ' code' : ''}`}>{second}</div> : null}
        </>
    );
}

// Each cell reads `shown`, so that only it is drawn again when the value of its row changes.
function Live({ row, draw }: { row: Row; draw: (row: Row) => ComponentChildren }) {
    void row.shown.value;
    return <>{draw(row)}</>;
}

function Quality({ row }: { row: Row }) {
    void row.shown.value;
    const gateway = row.reason === 'other_gateway' ? devices.value.get(row.device)?.network.gateway : null;
    const why = reasonText(row.reason, gateway);
    return (
        <div class={`quality stacked ${row.quality}`} title={why || undefined}>
            <span class="dot" aria-hidden="true" />
            <span class="line word">{qualityWords[row.quality] ?? cutText(String(row.quality))}</span>
            {why && <span class="second line">{cutText(shortReasonText(row.reason!, gateway))}</span>}
        </div>
    );
}

function Age({ row }: { row: Row }) {
    void row.shown.value;
    return <>{ageText(row.age(tick.value))}</>;
}

const drawValue = (row: Row) => {
    const text = valueText(row.value?.value);
    return (
        <span title={text.length > 12 ? cutText(text, 2000) : undefined}>
            <span class={`value ${row.quality}`}>{cutText(text)}</span> <span class="unit">{cutText(row.config.unit, 24)}</span>
        </span>
    );
};

const drawRaw = (row: Row) => {
    const raw = row.value?.raw;
    const text = rawText(raw);
    return <code title={raw && raw.length > 2 ? cutText(text, 2000) : undefined}>{raw && raw.length > 4 ? `${rawText(raw.slice(0, 4))} … ${raw.length}` : text}</code>;
};

const drawTag = (row: Row) => (
    <TwoLines
        first={
            <a href={linkTo('tags', row.device, row.tag)} tabIndex={-1} title={row.tag}>
                {cutText(row.tag)}
            </a>
        }
        second={cutText(row.config.label)}
    />
);

const drawDevice = (row: Row) => <TwoLines first={<span title={row.device}>{cutText(row.device)}</span>} second={cutText(devices.value.get(row.device)?.label ?? '')} />;

const drawRegister = (row: Row) => {
    const { table, address, bit, type, byte, modicon } = row.config.modbus;
    const part = isByteType(type) ? `, ${byte ?? 'low'} byte` : bit === null || bit === undefined ? '' : `.${bit}`;
    return <TwoLines first={`${tableWords[table] ?? table} ${address}${part}`} second={modicon} />;
};

const drawTopic = (row: Row) => {
    const topic = topicOf(row);
    const key = keyText(row);
    return (
        <div title={`${cutText(topic, 2000)}\n${cutText(key, 2000)}`}>
            <TwoLines first={cutText(topic)} second={key ? cutText(key) : topic && 'whole payload'} code />
        </div>
    );
};

const drawDirection = (row: Row) => shortDirectionWords[row.config.direction] ?? row.config.direction;

const tableOrder = { coil: 0, discrete_input: 1, input_register: 2, holding_register: 3 };
const qualityOrder = { bad: 0, stale: 1, never: 2, good: 4 };

function rawKey(row: Row): SortKey {
    const raw = row.value?.raw;
    return raw?.length ? (raw[0] ?? 0) * 65536 + (raw[1] ?? 0) : null;
}

function valueKey(row: Row): SortKey {
    const value = row.value?.value;
    return typeof value === 'boolean' ? Number(value) : (value ?? null);
}

export const deviceColumn: LiveColumn = { id: 'device', title: 'Device', width: 'minmax(7rem, 1fr)', sort: true, key: (row) => row.device, render: (row) => <Live row={row} draw={drawDevice} /> };
const tagColumn: LiveColumn = { id: 'tag', title: 'Tag', width: 'minmax(8rem, 1.5fr)', sort: true, key: (row) => row.tag, render: (row) => <Live row={row} draw={drawTag} /> };
const valueColumn: LiveColumn = { id: 'value', title: 'Value', width: 'minmax(6rem, 0.8fr)', number: true, sort: true, moves: true, key: valueKey, render: (row) => <Live row={row} draw={drawValue} /> };
const qualityColumn: LiveColumn = {
    id: 'quality',
    title: 'Quality',
    width: 'minmax(9rem, 2fr)',
    sort: true,
    moves: true,
    key: (row) => `${qualityOrder[row.quality] ?? 3}${row.reason ?? ''}`,
    render: (row) => <Quality row={row} />,
};

export const wideColumns: LiveColumn[] = [
    deviceColumn,
    tagColumn,
    valueColumn,
    { id: 'trend', title: 'Trend', width: '72px', render: (row) => <Sparkline row={row} /> },
    qualityColumn,
    { id: 'age', title: 'Age', width: '3.6rem', number: true, sort: true, moves: true, key: (row) => row.age(tick.peek()), render: (row) => <Age row={row} /> },
    { id: 'raw', title: 'Raw', width: 'minmax(5.5rem, 0.5fr)', sort: true, moves: true, key: rawKey, render: (row) => <Live row={row} draw={drawRaw} /> },
    {
        id: 'register',
        title: 'Register',
        width: 'minmax(9.5rem, 0.6fr)',
        sort: true,
        key: (row) => (tableOrder[row.config.modbus.table] ?? 4) * 1e6 + row.config.modbus.address * 16 + (row.config.modbus.bit ?? (row.config.modbus.byte === 'high' ? 8 : 0)),
        render: (row) => <Live row={row} draw={drawRegister} />,
    },
    { id: 'topic', title: 'Topic and key', width: 'minmax(9rem, 1.7fr)', sort: true, key: (row) => `${topicOf(row)}\n${keyText(row)}`, render: (row) => <Live row={row} draw={drawTopic} /> },
    { id: 'direction', title: 'Direction', width: '5.2rem', sort: true, key: (row) => row.config.direction, render: (row) => <Live row={row} draw={drawDirection} /> },
];

// On a phone: the device is below the tag's name, the age below the value.
export const narrowColumns: LiveColumn[] = [
    {
        ...tagColumn,
        width: 'minmax(0, 1.2fr)',
        render: (row) => (
            <Live
                row={row}
                draw={() => <TwoLines first={<a href={linkTo('tags', row.device, row.tag)} tabIndex={-1}>{cutText(row.tag)}</a>} second={cutText(row.device)} />}
            />
        ),
    },
    { ...valueColumn, width: 'minmax(0, 1fr)', render: (row) => <TwoLines first={<Live row={row} draw={drawValue} />} second={<Age row={row} />} /> },
    { ...qualityColumn, width: 'minmax(0, 1.1fr)' },
];
