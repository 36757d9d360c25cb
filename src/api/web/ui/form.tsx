// Fields of forms: label, control, help, and the server's fault beside them.
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId } from 'preact/hooks';
import type { Fault } from '../lib/api';

interface FieldProps {
    label: ComponentChildren;
    help?: ComponentChildren;
    faults?: Fault[] | undefined; // of this field
    wide?: boolean; // over both columns of the form
}

// The help of a field and its faults, to which `described` refers.
function Remarks({ id, help, faults }: { id: string; help: ComponentChildren; faults: Fault[] }) {
    return (
        <>
            {help && (
                <p class="help" id={`${id}-help`}>
                    {help}
                </p>
            )}
            {faults.length > 0 && (
                <p class="fault" id={`${id}-fault`} role="alert">
                    {faults.map((fault) => fault.detail).join(' ')}
                </p>
            )}
        </>
    );
}

function FieldFrame({ id, label, help, faults = [], wide, children }: FieldProps & { id: string; children: ComponentChildren }) {
    return (
        <div class={`field ${wide ? 'wide' : ''} ${faults.length ? 'faulty' : ''}`}>
            <label for={id}>{label}</label>
            {children}
            <Remarks id={id} help={help} faults={faults} />
        </div>
    );
}

function described(id: string, { help, faults }: FieldProps) {
    const ids = [help && `${id}-help`, faults?.length && `${id}-fault`].filter(Boolean).join(' ');
    return { id, 'aria-describedby': ids || undefined, 'aria-invalid': faults?.length ? true : undefined } as const;
}

type InputProps = FieldProps & {
    value: string;
    onInput: (text: string) => void;
    attributes?: JSX.InputHTMLAttributes<HTMLInputElement>;
};

export function TextField(props: InputProps) {
    const id = useId();
    return (
        <FieldFrame id={id} {...props}>
            <input type="text" autocomplete="off" spellcheck={false} {...props.attributes} {...described(id, props)} value={props.value} onInput={(event) => props.onInput(event.currentTarget.value)} />
        </FieldFrame>
    );
}

export function AreaField(props: FieldProps & { value: string; onInput: (text: string) => void; rows?: number }) {
    const id = useId();
    return (
        <FieldFrame id={id} {...props}>
            <textarea spellcheck={false} rows={props.rows ?? 3} {...described(id, props)} value={props.value} onInput={(event) => props.onInput(event.currentTarget.value)} />
        </FieldFrame>
    );
}

export function SelectField<Choice extends string>(props: FieldProps & { value: Choice; choices: { value: Choice; label: string }[]; onInput: (value: Choice) => void; disabled?: boolean }) {
    const id = useId();
    return (
        <FieldFrame id={id} {...props}>
            <select {...described(id, props)} disabled={props.disabled} value={props.value} onChange={(event) => props.onInput(event.currentTarget.value as Choice)}>
                {props.choices.map((choice) => (
                    <option key={choice.value} value={choice.value}>
                        {choice.label}
                    </option>
                ))}
            </select>
        </FieldFrame>
    );
}

export function CheckField(props: FieldProps & { value: boolean; onInput: (value: boolean) => void }) {
    const id = useId();
    const { help, faults = [] } = props;
    return (
        <div class={`field check ${props.wide ? 'wide' : ''}`}>
            <label for={id}>
                <input type="checkbox" {...described(id, props)} checked={props.value} onChange={(event) => props.onInput(event.currentTarget.checked)} /> {props.label}
            </label>
            <Remarks id={id} help={help} faults={faults} />
        </div>
    );
}

// The faults of a member: of its pointer, and of what is inside it.
export function faultsAt(faults: Fault[] | undefined, pointer: string): Fault[] {
    return (faults ?? []).filter((fault) => fault.pointer === pointer || fault.pointer?.startsWith(`${pointer}/`));
}

interface CommittedInputProps extends Omit<JSX.InputHTMLAttributes<HTMLInputElement>, 'value' | 'onInput' | 'onChange'> {
    value: string;
    onCommit: (text: string) => void;
}

// An input whose text counts once Enter is pressed or the focus leaves it. What is typed stays when the screen
// is drawn again before.
export function CommittedInput({ value, onCommit, ...attributes }: CommittedInputProps) {
    const text = useSignal(value);
    useEffect(() => {
        text.value = value;
    }, [value]);
    return (
        <input
            type="text"
            autocomplete="off"
            {...attributes}
            value={text.value}
            onInput={(event) => (text.value = event.currentTarget.value)}
            onChange={(event) => onCommit(event.currentTarget.value.trim())}
        />
    );
}
