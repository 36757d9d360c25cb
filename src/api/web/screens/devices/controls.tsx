// Controls of members that are more than a text or a number.
import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { Fault } from '../../lib/api';
import { gatewayNames } from '../../lib/gateways';
import type { Table, Tag } from '../../lib/types';
import { Button } from '../../ui/basic';
import { SelectField, TextField } from '../../ui/form';
import { typedValue } from '../tag-write';
import { addressNote, looksLikeModicon, readAddress, tableOf } from './address';
import { isEqual, isObject, type Json, type JsonObject } from './record';

export interface ControlProps {
    label: string;
    help?: string | undefined;
    faults: Fault[];
    value: Json;
    onInput: (value: Json) => void;
}

// A number that is written as one, else the text, which the server refuses with the reason.
export function readNumber(text: string): Json {
    const trimmed = text.trim().replace(/^(-?\d+),(\d+)$/, '$1.$2');
    if (trimmed === '') return null;
    const number = Number(trimmed);
    return Number.isFinite(number) && /^[-+0-9.]/.test(trimmed) && !/^[-+]?0[xob]/i.test(trimmed) ? number : text;
}

export function textOf(value: Json | undefined): string {
    return value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

// A field of a number keeps the text as it was typed: "1." on the way to "1.5" is not changed.
export function NumberField({ label, help, faults, value, onInput, placeholder }: ControlProps & { placeholder?: string | undefined }) {
    const typed = useSignal<string | null>(null);
    const text = typed.value !== null && isEqual(readNumber(typed.value), value) ? typed.value : textOf(value);
    return (
        <TextField
            label={label}
            help={help}
            faults={faults}
            value={text}
            onInput={(next) => {
                typed.value = next;
                onInput(readNumber(next));
            }}
            attributes={{ inputMode: 'decimal', placeholder }}
        />
    );
}

function Rows({ label, help, faults, children, onAdd }: Omit<ControlProps, 'value' | 'onInput'> & { children: preact.ComponentChildren; onAdd: () => void }) {
    const id = useId();
    return (
        <fieldset class={`rows ${faults.length ? 'faulty' : ''}`} aria-describedby={help ? `${id}-help` : undefined}>
            <legend>{label}</legend>
            {help && (
                <p class="help" id={`${id}-help`}>
                    {help}
                </p>
            )}
            {children}
            {faults.length > 0 && (
                <p class="fault" role="alert">
                    {faults.map((fault) => `${fault.pointer?.split('/').slice(3).join('/') ?? ''} ${fault.detail}`.trim()).join(' ')}
                </p>
            )}
            <div>
                <Button onClick={onAdd}>Add a row</Button>
            </div>
        </fieldset>
    );
}

interface Pair {
    name: string;
    value: string;
    kind: string;
}

// Rows of an object. A row without a name is not sent; the last of two equal names wins, and is marked.
function usePairs(value: Json, read: (pair: Pair) => Json, onInput: (value: Json) => void) {
    const pairsOf = (object: Json): Pair[] =>
        isObject(object) ? Object.entries(object).map(([name, one]) => ({ name, value: textOf(one), kind: typeof one })) : [];
    const objectOf = (pairs: Pair[]): Json => {
        const named = pairs.filter((pair) => pair.name !== '' || pair.value !== '');
        return named.length ? (Object.fromEntries(named.map((pair) => [pair.name, read(pair)])) as JsonObject) : null;
    };
    const kept = useSignal<Pair[]>(pairsOf(value));
    const pairs = isEqual(objectOf(kept.value), value) ? kept.value : pairsOf(value);
    const change = (next: Pair[]) => {
        kept.value = next;
        onInput(objectOf(next));
    };
    return {
        pairs,
        set: (index: number, part: Partial<Pair>) => change(pairs.map((pair, at) => (at === index ? { ...pair, ...part } : pair))),
        remove: (index: number) => change(pairs.filter((_, at) => at !== index)),
        add: (kind: string) => change([...pairs, { name: '', value: '', kind }]),
    };
}

function PairRow({ pair, index, names, twice, onChange, onRemove, children }: { pair: Pair; index: number; names: [string, string]; twice: boolean; onChange: (part: Partial<Pair>) => void; onRemove: () => void; children?: preact.ComponentChildren }) {
    return (
        <div class="pair">
            <input type="text" aria-label={`${names[0]} ${index + 1}`} placeholder={names[0]} value={pair.name} aria-invalid={twice || undefined} spellcheck={false} onInput={(event) => onChange({ name: event.currentTarget.value })} />
            <span aria-hidden="true">=</span>
            <input type="text" aria-label={`${names[1]} ${index + 1}`} placeholder={names[1]} value={pair.value} spellcheck={false} onInput={(event) => onChange({ value: event.currentTarget.value })} />
            {children}
            <Button kind="quiet" aria-label={`Remove row ${index + 1}`} onClick={onRemove}>
                Remove
            </Button>
            {twice && <span class="fault">This name is here twice: the last one counts.</span>}
        </div>
    );
}

const isTwice = (pairs: Pair[], index: number) => pairs.some((other, at) => at > index && other.name === pairs[index]!.name && other.name !== '');

// mqtt.values: words and their numbers.
export function WordsField(props: ControlProps) {
    const { pairs, set, remove, add } = usePairs(props.value, (pair) => readNumber(pair.value), props.onInput);
    return (
        <Rows {...props} onAdd={() => add('number')}>
            {pairs.map((pair, index) => (
                <PairRow key={index} pair={pair} index={index} names={['Word', 'Number']} twice={isTwice(pairs, index)} onChange={(part) => set(index, part)} onRemove={() => remove(index)} />
            ))}
        </Rows>
    );
}

function readCondition(pair: Pair): Json {
    if (pair.kind === 'number') return readNumber(pair.value);
    if (pair.kind === 'boolean') return pair.value === 'true' ? true : pair.value === 'false' ? false : pair.value;
    return pair.value;
}

// mqtt.where: keys and the values that they must have. A text and a number are not the same.
export function ConditionsField(props: ControlProps) {
    const { pairs, set, remove, add } = usePairs(props.value, readCondition, props.onInput);
    return (
        <Rows {...props} onAdd={() => add('string')}>
            {pairs.map((pair, index) => (
                <PairRow key={index} pair={pair} index={index} names={['Key', 'Value']} twice={isTwice(pairs, index)} onChange={(part) => set(index, part)} onRemove={() => remove(index)}>
                    <select aria-label={`Kind of value ${index + 1}`} value={pair.kind} onChange={(event) => set(index, { kind: event.currentTarget.value })}>
                        <option value="string">text</option>
                        <option value="number">number</option>
                        <option value="boolean">true or false</option>
                    </select>
                </PairRow>
            ))}
        </Rows>
    );
}

// The key of a tag. For a new tag null stands for its name.
export function KeyField(props: ControlProps & { name: string }) {
    const { value, onInput, name } = props;
    const kind = value === null ? 'name' : value === '' ? 'whole' : 'key';
    return (
        <div class="joined">
            <SelectField
                label={props.label}
                value={kind}
                faults={kind === 'key' ? [] : props.faults}
                onInput={(next) => onInput(next === 'name' ? null : next === 'whole' ? '' : name || 'key')}
                choices={[
                    { value: 'name', label: name ? `the name, ${name}` : 'the name of the tag' },
                    { value: 'key', label: 'another key or path' },
                    { value: 'whole', label: 'the whole payload' },
                ]}
            />
            {kind === 'key' && <TextField label="Key or path" help={props.help} faults={props.faults} value={textOf(value)} onInput={(text) => onInput(text === '' ? name || 'key' : text)} />}
        </div>
    );
}

// An address as an offset or in Modicon form, which names the table, too.
export function AddressField(props: ControlProps & { table: Table | null; onBoth: (address: Json, table: Table) => void; isNew: boolean }) {
    const { value, table, onInput } = props;
    const asOffset = useSignal(false);
    const typed = useSignal<string | null>(null);
    const read = (text: string, offset: boolean) => {
        const next = readAddress(text, offset);
        typed.value = text;
        asOffset.value = offset;
        const named = typeof next === 'string' && looksLikeModicon(next) ? tableOf(next) : null;
        if (named) props.onBoth(next, named);
        else onInput(next);
    };
    const text = typed.value !== null && isEqual(readAddress(typed.value, asOffset.value), value) ? typed.value : textOf(value);
    const note = addressNote(value as number | string | null, table);
    const isUnclear = looksLikeModicon(text) && Number(text) <= 65535 && typed.value !== null;
    return (
        <div>
            <TextField
                label={props.label}
                faults={props.faults}
                help={note || (value === null && props.isNew ? 'Empty: the next free address.' : props.help)}
                value={text}
                onInput={(next) => read(next, false)}
                attributes={{ placeholder: props.isNew ? 'next free' : '', inputMode: 'text' }}
            />
            {isUnclear && (
                <Button kind="quiet" onClick={() => read(text, !asOffset.value)}>
                    {asOffset.value ? `Read ${text} as Modicon` : `Read it as the offset ${Number(text)}`}
                </Button>
            )}
        </div>
    );
}

// mqtt.expire_value: null, or a value as it is typed to write it.
export function SetpointField({ tag, ...props }: ControlProps & { tag: Tag }) {
    const typed = useSignal<string | null>(null);
    const read = (text: string): Json => (text.trim() === '' ? null : typedValue(text, tag));
    const text = typed.value !== null && isEqual(read(typed.value), props.value) ? typed.value : textOf(props.value);
    return (
        <TextField
            label={props.label}
            help={props.help}
            faults={props.faults}
            value={text}
            onInput={(next) => {
                typed.value = next;
                props.onInput(read(next));
            }}
        />
    );
}

// network.gateway: null, or a name, of which the known ones are offered.
export function GatewayField({ label, help, faults, value, onInput, placeholder }: ControlProps & { placeholder?: string | undefined }) {
    const id = useId();
    return (
        <>
            <TextField label={label} help={help} faults={faults} value={textOf(value)} onInput={(text) => onInput(text === '' ? null : text)} attributes={{ list: id, placeholder }} />
            <datalist id={id}>
                {gatewayNames().map((name) => (
                    <option key={name} value={name} />
                ))}
            </datalist>
        </>
    );
}

// modbus.on_stale: null, "nan", or a number.
export function FallbackField(props: ControlProps) {
    const { value, onInput } = props;
    const kind = value === null ? 'hold' : value === 'nan' ? 'nan' : 'number';
    return (
        <div class="joined">
            <SelectField
                label={props.label}
                help={props.help}
                faults={kind === 'number' ? [] : props.faults}
                value={kind}
                onInput={(next) => onInput(next === 'hold' ? null : next === 'nan' ? 'nan' : 0)}
                choices={[
                    { value: 'hold', label: 'the register keeps the last value' },
                    { value: 'nan', label: 'NaN, of a float' },
                    { value: 'number', label: 'this number' },
                ]}
            />
            {kind === 'number' && <NumberField label="Number in the register" faults={props.faults} value={value} onInput={(next) => onInput(next ?? 0)} />}
        </div>
    );
}

const atEnd = (faults: Fault[], name: string) => faults.filter((fault) => fault.pointer?.endsWith(`/${name}`));

// mqtt.request: a message at an interval, or none.
export function RequestField({ label, help, faults, value, onInput }: ControlProps) {
    const request = isObject(value) ? value : null;
    const set = (name: string, member: Json) => onInput({ ...request!, [name]: member });
    return (
        <fieldset class="rows">
            <legend>{label}</legend>
            <label class="check-line">
                <input type="checkbox" checked={request !== null} onChange={(event) => onInput(event.currentTarget.checked ? { topic: '', payload: '', interval_s: 60, qos: 0 } : null)} /> Publish a message
            </label>
            {help && <p class="help">{help}</p>}
            {request && (
                <div class="fields">
                    <TextField label="Topic of the message" faults={atEnd(faults, 'topic')} value={textOf(request.topic)} onInput={(text) => set('topic', text)} />
                    <NumberField label="Interval (s)" faults={atEnd(faults, 'interval_s')} value={request.interval_s ?? null} onInput={(number) => set('interval_s', number)} />
                    <NumberField label="Quality of service" faults={atEnd(faults, 'qos')} value={request.qos ?? null} onInput={(number) => set('qos', number)} />
                    <TextField label="Payload of the message" faults={atEnd(faults, 'payload')} value={textOf(request.payload)} onInput={(text) => set('payload', text)} />
                </div>
            )}
        </fieldset>
    );
}

// The status registers of a device, or none.
export function StatusField({ label, help, faults, value, onInput }: ControlProps) {
    const status = isObject(value) ? value : null;
    return (
        <fieldset class="rows">
            <legend>{label}</legend>
            <label class="check-line">
                <input type="checkbox" checked={status !== null} onChange={(event) => onInput(event.currentTarget.checked ? { table: 'input_register', address: null } : null)} /> Keep status registers
            </label>
            {help && <p class="help">{help}</p>}
            {status && (
                <div class="fields">
                    <SelectField
                        label="Table of the status"
                        faults={atEnd(faults, 'table')}
                        value={textOf(status.table)}
                        onInput={(table) => onInput({ ...status, table })}
                        choices={[
                            { value: 'input_register', label: 'Input register (3x)' },
                            { value: 'holding_register', label: 'Holding register (4x)' },
                        ]}
                    />
                    <NumberField label="First of four registers" faults={atEnd(faults, 'address')} value={status.address ?? null} onInput={(address) => onInput({ ...status, address })} />
                </div>
            )}
        </fieldset>
    );
}
