// Import: choose a file, see what it would change row by row, then apply it, and undo it if it was wrong.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { get, pathOf, Problem, request, type Page } from '../lib/api';
import { bytesText, plural } from '../lib/format';
import { linkTo } from '../lib/router';
import type { AuditEntry, ImportResult } from '../lib/types';
import { upload } from '../lib/upload';
import { Button, Card, Note, Progress } from '../ui/basic';
import { ask, notify } from '../ui/dialog';
import { AreaField, SelectField, TextField } from '../ui/form';
import { ImportChanges, ImportFaults } from './transfer_result';
import { formatTitles, guessFormat, typeOf, type ImportFormat } from './transfer_file';

interface Options {
    mode: 'merge' | 'replace';
    format: ImportFormat;
    device: string;
    topic: string;
    command_topic: string;
    byte_order: string;
    unit: string;
    base: string;
    sheet: string;
}

const defaults: Options = { mode: 'merge', format: 'auto', device: '', topic: '', command_topic: '', byte_order: '', unit: '', base: '', sheet: '' };

// A file that was checked, and with what it can be applied.
interface Checked {
    file: Blob;
    name: string;
    format: ImportFormat;
    query: string;
    etag: string | null;
    result: ImportResult;
}

function queryOf(options: Options, format: ImportFormat, extra: Record<string, string>): string {
    const params = new URLSearchParams(extra);
    if (options.mode !== 'merge') params.set('mode', options.mode);
    params.set('format', format);
    for (const name of ['device', 'topic', 'command_topic', 'byte_order', 'unit', 'base', 'sheet'] as const) {
        const text = options[name].trim();
        if (text) params.set(name, text);
    }
    return params.toString();
}

export function ImportPart() {
    const options = useSignal<Options>(defaults);
    const pasted = useSignal('');
    const chosen = useSignal<{ file: Blob; name: string } | null>(null);
    const sent = useSignal<{ done: number; total: number; label: string } | null>(null);
    const checked = useSignal<Checked | null>(null);
    const problem = useSignal<Problem | null>(null);
    const applied = useSignal<ImportResult | null>(null);
    const over = useSignal(false);
    const input = useRef<HTMLInputElement>(null);
    const abort = useRef<AbortController | null>(null);
    const set = <Name extends keyof Options>(name: Name, value: Options[Name]) => {
        options.value = { ...options.value, [name]: value };
        checked.value = null;
        applied.value = null;
    };

    const transmit = async (file: Blob, format: ImportFormat, query: string, ifMatch: string | null, label: string) => {
        abort.current = new AbortController();
        sent.value = { done: 0, total: file.size, label };
        try {
            return await upload<ImportResult>({
                path: `${pathOf('import')}?${query}`,
                body: file,
                type: await typeOf(file, format),
                ifMatch,
                signal: abort.current.signal,
                onSent: (done, total) => (sent.value = { done, total, label: done < total ? label : 'The server reads the file' }),
            });
        } finally {
            sent.value = null;
        }
    };

    const check = async (file: Blob, name: string) => {
        chosen.value = { file, name };
        problem.value = checked.value = applied.value = null;
        try {
            const format = options.value.format === 'auto' ? await guessFormat(file) : options.value.format;
            const { etag } = await request('GET', pathOf('devices'), { query: { limit: 1 } });
            const query = queryOf(options.value, format, { dry_run: 'true' });
            const result = await transmit(file, format, query, null, 'Sending the file');
            checked.value = { file, name, format, query: queryOf(options.value, format, { changes: 'none' }), etag, result };
        } catch (error) {
            if (error instanceof Problem) problem.value = error;
        }
    };

    const apply = async () => {
        const { file, format, query, etag, result } = checked.value!;
        const removes = result.deleted > 0;
        if (removes && !(await ask('Delete what the file does not have?', `${plural(result.deleted, 'object')} will be deleted: devices, tags or profiles. The list below names them. The change can be undone.`, 'Import and delete', true))) return;
        problem.value = null;
        try {
            const confirm = removes ? `&confirm=${result.deleted}` : '';
            applied.value = await transmit(file, format, query + confirm, etag, 'Importing');
            checked.value = chosen.value = null;
            pasted.value = '';
        } catch (error) {
            if (!(error instanceof Problem)) return;
            problem.value =
                error.status === 412
                    ? new Problem(412, error.title, 'The configuration has changed since this check. Nothing was imported. Check the file again, and look at the new difference.')
                    : error;
        }
    };

    const undo = async () => {
        try {
            const { items } = await get<Page<AuditEntry>>(pathOf('audit'), { query: { limit: 1 } });
            if (items[0]?.action !== 'import') {
                location.hash = linkTo('changes');
                return;
            }
            await request('POST', pathOf('audit', items[0].id, 'revert'), { query: { changes: 'none', confirm: (applied.value?.created ?? 0) + (applied.value?.deleted ?? 0) || null } });
            applied.value = null;
            notify('The import was undone.');
        } catch (error) {
            problem.value = error as Problem;
        }
    };

    const drop = (event: DragEvent) => {
        event.preventDefault();
        over.value = false;
        const file = event.dataTransfer?.files[0];
        if (file) void check(file, file.name);
    };
    const { mode, format } = options.value;
    return (
        <Card title="Import">
            <div
                class={`drop ${over.value ? 'over' : ''}`}
                onDragOver={(event) => {
                    event.preventDefault();
                    over.value = true;
                }}
                onDragLeave={() => (over.value = false)}
                onDrop={drop}
            >
                <p>Drop a file here: a spreadsheet (.xlsx, CSV), JSON of Tagferry, or a project of KEPServerEX, Ignition or Neuron. Nothing is changed before you have seen what it would change.</p>
                <Button kind="primary" onClick={() => input.current!.click()} busy={sent.value !== null}>
                    Choose a file
                </Button>
                <input
                    ref={input}
                    type="file"
                    hidden
                    aria-label="File to import"
                    onChange={(event) => {
                        const file = event.currentTarget.files?.[0];
                        event.currentTarget.value = '';
                        if (file) void check(file, file.name);
                    }}
                />
            </div>
            <details>
                <summary>Options, and a table to paste</summary>
                <div class="fields">
                    <SelectField label="Mode" value={mode} onInput={(value) => set('mode', value)} help={mode === 'merge' ? 'Adds and changes; deletes nothing.' : 'Also deletes what the file does not have.'} choices={[{ value: 'merge', label: 'Merge' }, { value: 'replace', label: 'Replace' }]} />
                    <SelectField label="Made by" value={format} onInput={(value) => set('format', value)} choices={(Object.keys(formatTitles) as ImportFormat[]).map((value) => ({ value, label: formatTitles[value] }))} />
                    <TextField label="Device" value={options.value.device} onInput={(value) => set('device', value)} help="Of all rows, where the file names none; with replace, the only devices that may be deleted." />
                    <TextField label="Topic" value={options.value.topic} onInput={(value) => set('topic', value)} help="Of devices without one, such as plant/{device}." />
                    <TextField label="Command topic" value={options.value.command_topic} onInput={(value) => set('command_topic', value)} help="Of tags that are written, such as plant/{device}/set/{tag}." />
                    <SelectField label="Byte order" value={options.value.byte_order} onInput={(value) => set('byte_order', value)} help="Of numbers of several registers, for files of other products." choices={['', 'ABCD', 'CDAB', 'BADC', 'DCBA'].map((value) => ({ value, label: value || 'As the product has it' }))} />
                    <TextField label="Unit" value={options.value.unit} onInput={(value) => set('unit', value)} help="Unit id, for files of other products." attributes={{ inputMode: 'numeric' }} />
                    <SelectField label="First register" value={options.value.base} onInput={(value) => set('base', value)} help="The number of the first register in the other product." choices={[{ value: '', label: '1' }, { value: '0', label: '0' }]} />
                    <TextField label="Sheet" value={options.value.sheet} onInput={(value) => set('sheet', value)} help="Of a workbook; empty: the first that has a table." />
                    <AreaField label="Paste a table" wide rows={5} value={pasted.value} onInput={(value) => (pasted.value = value)} help="Cells copied from a spreadsheet with their header." />
                </div>
                <div class="buttons">
                    <Button disabled={!pasted.value.trim()} busy={sent.value !== null} onClick={() => check(new Blob([pasted.value]), 'the pasted table')}>
                        Check the pasted table
                    </Button>
                </div>
            </details>
            {sent.value && (
                <div class="sending">
                    <Progress label={sent.value.label} {...(sent.value.done < sent.value.total ? { done: sent.value.done, total: sent.value.total } : {})} />
                    <Button onClick={() => abort.current?.abort()}>Stop</Button>
                </div>
            )}
            {problem.value && (
                <ImportFaults problem={problem.value} name={chosen.value?.name ?? ''}>
                    {chosen.value && <Button onClick={() => check(chosen.value!.file, chosen.value!.name)}>Check the file again</Button>}
                </ImportFaults>
            )}
            {checked.value && (
                <ImportChanges result={checked.value.result} title={`${checked.value.name} (${formatTitles[checked.value.format]}, ${bytesText(checked.value.file.size)})`}>
                    <Button onClick={() => ((checked.value = null), (chosen.value = null))}>Leave it</Button>
                    <Button kind="primary" onClick={apply} busy={sent.value !== null}>
                        Import
                    </Button>
                </ImportChanges>
            )}
            {applied.value && (
                <Note kind="good">
                    <p>
                        Imported: {applied.value.created} created, {applied.value.changed} changed, {applied.value.deleted} deleted.
                    </p>
                    <div class="buttons">
                        <Button onClick={undo}>Undo the import</Button>
                        <a class="button" href={linkTo('live')}>
                            See the values
                        </a>
                    </div>
                </Note>
            )}
        </Card>
    );
}
