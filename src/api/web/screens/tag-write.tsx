// Writing a value by hand: old and new with name and address, and what a write means; then what is read back.
import { useSignal } from '@preact/signals';
import { Problem, request, tagPath } from '../lib/api';
import { directionWords, registerText, valueText } from '../lib/format';
import type { Row } from '../lib/live';
import { hasMember, memberOf } from '../lib/members';
import type { Tag, Value } from '../lib/types';
import { Button, Note, ProblemNote } from '../ui/basic';
import { Dialog } from '../ui/dialog';
import { SelectField, TextField } from '../ui/form';

// What the API takes for a text that was typed: whole numbers beyond 2^53 keep all digits as a text.
export function typedValue(text: string, tag: Tag): string | number | boolean {
    const trimmed = text.trim();
    if (tag.modbus.type === 'string') return text;
    if (tag.mqtt?.values && hasMember(tag.mqtt.values, trimmed)) return trimmed;
    if (tag.modbus.type === 'bool' && /^(true|false)$/i.test(trimmed)) return trimmed.toLowerCase() === 'true';
    const number = Number(trimmed);
    if (trimmed === '' || !Number.isFinite(number)) return trimmed;
    return Number.isInteger(number) && !Number.isSafeInteger(number) ? trimmed : number;
}

function MeaningOfWrite({ tag }: { tag: Tag }) {
    switch (tag.direction) {
        case 'to_mqtt':
            return (
                <Note kind="warning">
                    A command goes out: the value is published on <code>{tag.mqtt.command_topic}</code>, as if a SCADA client had written it.
                </Note>
            );
        case 'both':
            return (
                <Note kind="warning">
                    A command goes out: the value is published on <code>{tag.mqtt.command_topic}</code>, as if a SCADA client had written it. Messages of the device are ignored for {tag.mqtt.hold_off_ms / 1000} s; then its next message counts.
                </Note>
            );
        case 'to_modbus':
            return <Note kind="warning">Only the register is overwritten, until the next message of the device. Nothing is sent to the device.</Note>;
        default:
            return <Note kind="warning">The register is overwritten. Nothing is sent to a device.</Note>;
    }
}

// What the register shows after the write.
function ReadBack({ tag, before, value, sent, onClose }: { tag: Tag; before: string; value: Value; sent: string; onClose: () => void }) {
    const unit = tag.unit && ` ${tag.unit}`;
    const back = valueText(value.value);
    const mapped = memberOf(tag.mqtt?.values, sent);
    const isSame = back === sent || Number(back) === Number(sent) || (mapped !== undefined && Number(back) === mapped);
    return (
        <form
            onSubmit={(event) => {
                event.preventDefault();
                onClose();
            }}
        >
            <Note kind={isSame ? 'good' : 'warning'}>
                {tag.device}/{tag.name} was {before}
                {unit}. Read back: <strong>{back + unit}</strong>.{!isSame && ` Written was ${sent}: the register cannot hold it exactly, or another client has written since.`}
            </Note>
            <div class="buttons">
                <Button type="submit" kind="primary" autofocus>
                    Close
                </Button>
            </div>
        </form>
    );
}

interface WriteProps {
    tag: Tag;
    etag: string | null;
    row: Row;
    onClose: () => void;
}

export function WriteDialog({ tag, etag, row, onClose }: WriteProps) {
    void row.shown.value;
    const words = tag.mqtt?.values ? Object.entries(tag.mqtt.values) : [];
    const first = row.value?.value ?? null;
    const text = useSignal(first === null ? '' : tag.modbus.type === 'bool' ? String(first) : '');
    const before = useSignal(valueText(first));
    const busy = useSignal(false);
    const problem = useSignal<Problem | null>(null);
    const written = useSignal<{ value: Value; sent: string } | null>(null);
    const unit = tag.unit && ` ${tag.unit}`;
    const faults = problem.value?.errors.filter((fault) => fault.pointer === '/value').map((fault) => ({ ...fault, detail: `This ${fault.detail}.` })) ?? [];
    const others = problem.value && faults.length === 0 ? problem.value : null;
    const choices =
        tag.modbus.type === 'bool' && words.length === 0
            ? [
                  { value: 'true', label: 'true (1)' },
                  { value: 'false', label: 'false (0)' },
              ]
            : null;
    const submit = async (event: Event) => {
        event.preventDefault();
        if (busy.value) return;
        busy.value = true;
        problem.value = null;
        before.value = valueText(row.value?.value);
        try {
            const value = typedValue(text.value, tag);
            const answer = await request<Value>('PUT', tagPath(tag.device, tag.name, 'value'), { body: { value }, ifMatch: etag });
            written.value = { value: answer.body, sent: String(value) };
        } catch (error) {
            problem.value =
                error instanceof Problem && error.status === 412
                    ? new Problem(412, 'Changed', 'The settings of this tag were changed in the meantime, so that nothing was written. Close, look at the tag, and write again.')
                    : error instanceof Problem
                      ? error
                      : new Problem(0, 'Error', String(error));
        }
        busy.value = false;
    };
    if (written.value)
        return (
            <Dialog key="written" title="Written" onClose={onClose}>
                <ReadBack tag={tag} before={before.value} {...written.value} onClose={onClose} />
            </Dialog>
        );
    return (
        <Dialog key="write" title="Write a value" onClose={onClose}>
            <form onSubmit={submit} class="write">
                <dl class="facts">
                    <div>
                        <dt>Tag</dt>
                        <dd>
                            <strong>
                                {tag.device}/{tag.name}
                            </strong>
                            {tag.label && ` (${tag.label})`}
                        </dd>
                    </div>
                    <div>
                        <dt>Register</dt>
                        <dd>
                            {registerText(tag)}, {tag.modbus.modicon}, {directionWords[tag.direction] ?? tag.direction}
                        </dd>
                    </div>
                    <div>
                        <dt>Old → new</dt>
                        <dd aria-live="polite">
                            {valueText(row.value?.value) + unit} → <strong>{text.value.trim() ? text.value + unit : '…'}</strong>
                        </dd>
                    </div>
                </dl>
                {choices ? (
                    <SelectField label="New value" value={text.value as 'true'} choices={[...(text.value ? [] : [{ value: '', label: 'Choose' }]), ...choices] as { value: 'true'; label: string }[]} onInput={(value) => (text.value = value)} faults={faults} />
                ) : (
                    <TextField
                        label={`New value${unit && ` in${unit}`}`}
                        value={text.value}
                        onInput={(value) => (text.value = value)}
                        faults={faults}
                        attributes={{ autofocus: true, inputMode: tag.modbus.type === 'string' || words.length > 0 ? 'text' : 'decimal' }}
                        help={words.length > 0 ? `Words: ${words.slice(0, 20).map(([word, number]) => `${word} (${number})`).join(', ')}${words.length > 20 ? ' …' : ''}` : undefined}
                    />
                )}
                <MeaningOfWrite tag={tag} />
                <ProblemNote problem={others} />
                <div class="buttons">
                    <Button onClick={onClose}>Cancel</Button>
                    <Button type="submit" kind="primary" busy={busy.value} disabled={tag.modbus.type !== 'string' && !text.value.trim()}>
                        Write
                    </Button>
                </div>
            </form>
        </Dialog>
    );
}
