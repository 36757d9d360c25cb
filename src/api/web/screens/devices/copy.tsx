// Copies of a device: names, topics, unit ids and strides; first a dry run, then the copies.
import { useSignal } from '@preact/signals';
import { devicePath, Problem, request } from '../../lib/api';
import { plural, tableWords } from '../../lib/format';
import { go, linkTo } from '../../lib/router';
import type { Device, Table, Tag, Warning } from '../../lib/types';
import { Button, Note, ProblemNote } from '../../ui/basic';
import { Dialog, notify } from '../../ui/dialog';
import { TextField } from '../../ui/form';
import { PlainTable, type Column } from '../../ui/table';
import { NumberField, readNumber } from './controls';
import { tables } from './profile-field';
import type { Json, JsonObject } from './record';

interface CopyRow {
    name: string;
    topic: string;
    unit: string;
}

interface CopyAnswer {
    created: number;
    dry_run: boolean;
    warnings?: Warning[];
    devices: (Device & { tags?: Tag[] })[];
}

// The next names of a series: meter-1 is followed by meter-2; a name without a number by name-2.
export function nextNames(name: string, count: number): string[] {
    const found = /^(.*?)(\d+)$/.exec(name);
    const [stem, digits] = found ? [found[1]!, found[2]!] : [`${name}-`, '1'];
    return Array.from({ length: count }, (_, index) => stem + String(Number(digits) + 1 + index).padStart(digits.length, '0'));
}

function bodyOf(rows: CopyRow[], stride: Partial<Record<Table, Json>>): JsonObject {
    const copies = rows
        .filter((row) => row.name || row.topic || row.unit)
        .map(({ name, topic, unit }) => ({ name, ...(topic && { topic }), ...(unit && { unit_id: readNumber(unit) }) }));
    const given = Object.fromEntries(Object.entries(stride).filter(([, distance]) => distance !== null));
    return { copies, ...(Object.keys(given).length > 0 && { stride: given }) } as JsonObject;
}

function rangesText(tags: Tag[] | undefined): string {
    const ranges = tables.flatMap((table) => {
        const addresses = (tags ?? []).filter((tag) => tag.modbus.table === table).map((tag) => tag.modbus.address);
        if (addresses.length === 0) return [];
        const from = addresses.reduce((one, other) => Math.min(one, other));
        return [`${tableWords[table]} from ${from}`];
    });
    return ranges.join(', ');
}

const resultColumns: Column<CopyAnswer['devices'][number]>[] = [
    { id: 'name', title: 'Device', width: '', render: (device) => device.name },
    { id: 'topic', title: 'Topic', width: '', render: (device) => device.mqtt?.topic ?? '' },
    { id: 'unit', title: 'Unit', width: '', number: true, render: (device) => device.network?.unit_id ?? 1 },
    { id: 'tags', title: 'Tags', width: '', number: true, render: (device) => device.tags?.length ?? '' },
    { id: 'registers', title: 'Registers', width: '', render: (device) => rangesText(device.tags) },
];

function faultText(problem: Problem | null, index: number): string {
    return (problem?.errors ?? [])
        .filter((fault) => fault.pointer?.startsWith(`/copies/${index}/`) || fault.pointer === `/copies/${index}`)
        .map((fault) => fault.detail)
        .join(' ');
}

export function CopyDialog({ device, onClose }: { device: Device; onClose: () => void }) {
    const rows = useSignal<CopyRow[]>(nextNames(device.name, 1).map((name) => ({ name, topic: '', unit: '' })));
    const count = useSignal('1');
    const stride = useSignal<Partial<Record<Table, Json>>>({});
    const problem = useSignal<Problem | null>(null);
    const tried = useSignal<CopyAnswer | null>(null);
    const busy = useSignal(false);
    const change = (index: number, part: Partial<CopyRow>) => {
        rows.value = rows.value.map((row, at) => (at === index ? { ...row, ...part } : row));
        tried.value = null;
    };
    const resize = (text: string) => {
        count.value = text;
        const wanted = Math.min(1000, Math.max(1, Math.floor(Number(text)) || 1));
        const names = nextNames(device.name, wanted);
        rows.value = names.map((name, index) => rows.value[index] ?? { name, topic: '', unit: '' });
        tried.value = null;
    };
    const send = async (dry: boolean) => {
        busy.value = true;
        problem.value = null;
        try {
            const { body } = await request<CopyAnswer>('POST', devicePath(device.name, 'copy'), { query: { dry_run: dry }, body: bodyOf(rows.value, stride.value) });
            tried.value = body;
            if (!dry) {
                notify(`${plural(body.devices.length, 'device')} created.`);
                onClose();
                go(body.devices.length === 1 ? linkTo('devices', body.devices[0]!.name) : linkTo('devices'));
            }
        } catch (error) {
            problem.value = error instanceof Problem ? error : new Problem(0, 'Error', String(error));
            tried.value = null;
        }
        busy.value = false;
    };
    const placed = rows.value.some((_, index) => faultText(problem.value, index));
    return (
        <Dialog title={`Copy ${device.name}`} onClose={onClose} wide>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    void send(tried.value === null);
                }}
            >
                <p class="help">A copy has all settings and tags. Without a topic it gets that of {device.name} with its own name in it, without strides one free block of registers.</p>
                <div class="fields">
                    <TextField label="Number of copies" value={count.value} onInput={resize} attributes={{ inputMode: 'numeric' }} />
                </div>
                <div class="copies">
                    {rows.value.map((row, index) => (
                        <div key={index} class="copy-row">
                            <input type="text" aria-label={`Name ${index + 1}`} placeholder="Name" value={row.name} onInput={(event) => change(index, { name: event.currentTarget.value })} />
                            <input type="text" aria-label={`Topic ${index + 1}`} placeholder="Topic: as the name" value={row.topic} onInput={(event) => change(index, { topic: event.currentTarget.value })} />
                            <input type="text" inputMode="numeric" aria-label={`Unit id ${index + 1}`} placeholder={`Unit ${device.network.unit_id}`} value={row.unit} onInput={(event) => change(index, { unit: event.currentTarget.value })} />
                            {faultText(problem.value, index) && (
                                <p class="fault" role="alert">
                                    {faultText(problem.value, index)}
                                </p>
                            )}
                        </div>
                    ))}
                </div>
                <details class="more">
                    <summary>Strides: distances between the addresses of one copy and the next</summary>
                    <div class="fields">
                        {tables.map((table) => (
                            <NumberField
                                key={table}
                                label={`Stride of ${tableWords[table]}s`}
                                faults={(problem.value?.errors ?? []).filter((fault) => fault.pointer === `/stride/${table}`)}
                                value={stride.value[table] ?? null}
                                onInput={(distance) => {
                                    stride.value = { ...stride.value, [table]: distance };
                                    tried.value = null;
                                }}
                            />
                        ))}
                    </div>
                </details>
                {problem.value && <ProblemNote problem={problem.value} faults={placed ? problem.value.errors.filter((fault) => !fault.pointer?.startsWith('/copies/')) : problem.value.errors} />}
                {tried.value && (
                    <>
                        <p>{plural(tried.value.created, 'device or tag', 'devices and tags')} will be created:</p>
                        <div class="copies">
                            <PlainTable label="What will be created" columns={resultColumns} items={tried.value.devices} itemKey={(one) => one.name} />
                        </div>
                        {tried.value.warnings && (
                            <Note kind="warning">
                                <ul>
                                    {tried.value.warnings.slice(0, 10).map((warning, index) => (
                                        <li key={index}>{warning.detail}</li>
                                    ))}
                                </ul>
                            </Note>
                        )}
                    </>
                )}
                <div class="buttons">
                    <Button onClick={onClose}>Cancel</Button>
                    <Button type="submit" kind="primary" busy={busy.value}>
                        {tried.value ? 'Create' : 'Show what it creates'}
                    </Button>
                </div>
            </form>
        </Dialog>
    );
}
