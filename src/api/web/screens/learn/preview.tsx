// What the newest message would write for a tag of the draft.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { pathOf, Problem, request } from '../../lib/api';
import { tableWords, timeText, valueText } from '../../lib/format';
import { hasMember } from '../../lib/members';
import type { Table, Value } from '../../lib/types';
import { tagBody, type Draft, type DraftTag } from './draft';
import { keyText } from './heard';

interface Preview {
    message: { topic: string; at: string; retained: boolean; payload: string; encoding: 'text' | 'hex'; looks_like: string | null } | null;
    key: string;
    found: boolean;
    json: unknown;
    value: Value['value'];
    raw: number[];
    hex: string[];
    unit_id: number;
    table: Table;
    address: number;
    modicon: string;
    error: { code: string; detail: string } | null;
}

const DELAY_MS = 300;
const CUT = 300; // characters of a payload

// Puts the parameters of a device into the texts of its profile.
function fill(value: unknown, params: Record<string, unknown>): unknown {
    if (typeof value === 'string') return value.replace(/\{(\w+)\}/g, (whole, name: string) => (hasMember(params, name) ? String(params[name]) : whole));
    if (Array.isArray(value)) return value.map((one) => fill(one, params));
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fill(one, params)]));
    return value;
}

// The body of a preview. A tag of a profile is shown for the first device of the profile.
function previewBody(draft: Draft, tag: DraftTag): { device: unknown; tag: unknown } | null {
    const { group } = tag;
    const body = tagBody(tag);
    if (group.known) return { device: group.body.name, tag: body };
    if (group.kind === 'device') return { device: { name: group.body.name, mqtt: group.body.mqtt, ...(group.body.network ? { network: group.body.network } : {}) }, tag: body };
    const device = draft.groups.find((one) => one.body.profile?.name === group.id);
    if (!device) return null;
    const params = device.body.profile?.params ?? {};
    const table = body.modbus?.table;
    const base = (table && device.base?.[table]) ?? 0;
    const modbus = { ...body.modbus, ...(typeof body.modbus?.address === 'number' ? { address: body.modbus.address + base } : {}) };
    return { device: { name: device.body.name, mqtt: fill(group.body.device?.mqtt, params) }, tag: { ...(fill(body, params) as object), modbus } };
}

// What the message has at the key: of a payload that is text, the text.
function readText({ json, message }: Preview, tag: DraftTag): string {
    return (tag.body.mqtt?.payload === 'text' ? (message?.payload ?? '') : JSON.stringify(json)).slice(0, CUT);
}

export function TagPreview({ draft, tag, version }: { draft: Draft; tag: DraftTag; version: number }) {
    const shown = useSignal<Preview | null>(null);
    const fault = useSignal('');
    const body = JSON.stringify(previewBody(draft, tag));
    useEffect(() => {
        const abort = new AbortController();
        const timer = setTimeout(async () => {
            try {
                shown.value = (await request<Preview>('POST', pathOf('discoveries', 'preview'), { body: JSON.parse(body), signal: abort.signal })).body;
                fault.value = '';
            } catch (error) {
                if (!(error instanceof Problem)) return; // it is not needed any more
                shown.value = null;
                fault.value = error.errors.map((one) => one.detail).join(' ') || error.message;
            }
        }, DELAY_MS);
        return () => {
            clearTimeout(timer);
            abort.abort();
        };
    }, [body, version]);
    const preview = shown.value;
    if (!preview) return <p class="learn-preview muted">{fault.value ? `No preview: ${fault.value}` : 'Reading the newest message …'}</p>;
    const { message, error } = preview;
    return (
        <dl class="learn-preview" aria-label={`Preview of ${tag.body.name}`}>
            <div>
                <dt>{message ? `Newest message, ${timeText(message.at)}` : 'Newest message'}</dt>
                <dd>{message ? <code title={message.payload.slice(0, 2000)}>{message.encoding === 'text' ? message.payload.slice(0, CUT) : `not text${message.looks_like ? `, looks like ${message.looks_like}` : ''}`}</code> : 'none is known'}</dd>
            </div>
            <div>
                <dt>{keyText(preview.key)}</dt>
                <dd>{preview.found ? <code>{readText(preview, tag)}</code> : 'not in this message'}</dd>
            </div>
            <div>
                <dt>Value</dt>
                <dd class={error ? 'fault' : ''}>{error ? error.detail || error.code.replaceAll('_', ' ') : `${valueText(preview.value)} ${tag.body.unit ?? ''}`}</dd>
            </div>
            <div>
                <dt>
                    {tableWords[preview.table]} {preview.address} ({preview.modicon}), unit {preview.unit_id}
                </dt>
                <dd>
                    <code>{preview.hex.join(' ') || 'nothing is written'}</code>
                </dd>
            </div>
        </dl>
    );
}
