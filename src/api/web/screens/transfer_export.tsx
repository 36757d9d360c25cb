// Export: the configuration as a file, in each format.
import { useSignal } from '@preact/signals';
import { pathOf, Problem, saveFile } from '../lib/api';
import { Button, Card, ProblemNote } from '../ui/basic';
import { SelectField, TextField } from '../ui/form';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

interface Format {
    title: string;
    help: string;
    accept: string;
    query: Record<string, string>;
    options: boolean; // device, unit and connection choose what is exported
}

const formats = {
    json: { title: 'JSON', help: 'Everything: devices, tags and profiles. Imported again, it restores all of it.', accept: 'application/json', query: { format: 'json' }, options: false },
    xlsx: { title: 'Workbook (.xlsx)', help: 'A row for each tag, to edit in a spreadsheet and import again.', accept: XLSX, query: { format: 'xlsx' }, options: false },
    csv: { title: 'CSV, with commas', help: 'The same table as text.', accept: 'text/csv', query: { format: 'csv' }, options: false },
    semicolon: { title: 'CSV, with semicolons', help: 'The same table for spreadsheets that use a decimal comma.', accept: 'text/csv', query: { format: 'csv', delimiter: 'semicolon' }, options: false },
    map: { title: 'Register map, to print', help: 'A page with all registers and their tags.', accept: 'text/html', query: { format: 'map' }, options: false },
    kepware: { title: 'KEPServerEX tags (CSV)', help: 'The tags of one device in KEPServerEX, by the registers of one unit.', accept: 'text/csv', query: { format: 'kepware' }, options: true },
    ignition: { title: 'Ignition tags (JSON)', help: 'For the Tag Browser of Ignition. The connection is the name of the Modbus device there.', accept: 'application/json', query: { format: 'ignition' }, options: true },
} satisfies Record<string, Format>;

type FormatName = keyof typeof formats;

export function ExportPart() {
    const name = useSignal<FormatName>('json');
    const device = useSignal('');
    const unit = useSignal('');
    const connection = useSignal('');
    const busy = useSignal(false);
    const problem = useSignal<Problem | null>(null);
    const format: Format = formats[name.value];
    const submit = async (event: Event) => {
        event.preventDefault();
        busy.value = true;
        problem.value = null;
        const query = { ...format.query, ...(format.options && { device: device.value || null, unit: unit.value || null, connection: (name.value === 'ignition' && connection.value) || null }) };
        try {
            await saveFile(pathOf('export'), { query, accept: format.accept });
        } catch (error) {
            problem.value = error as Problem;
        }
        busy.value = false;
    };
    return (
        <Card title="Export">
            <form class="export" onSubmit={submit}>
                <div class="fields">
                    <SelectField label="Format" value={name.value} onInput={(value) => (name.value = value)} help={format.help} choices={Object.entries(formats).map(([value, one]) => ({ value: value as FormatName, label: one.title }))} />
                    {format.options && (
                        <>
                            <TextField label="Device" value={device.value} onInput={(value) => (device.value = value)} help="Only this device; empty: all." />
                            <TextField label="Unit" value={unit.value} onInput={(value) => (unit.value = value)} help="Only this unit id; empty: as the server chooses." attributes={{ inputMode: 'numeric' }} />
                        </>
                    )}
                    {name.value === 'ignition' && <TextField label="Connection" value={connection.value} onInput={(value) => (connection.value = value)} help="Name of the device connection in Ignition." />}
                </div>
                <ProblemNote problem={problem.value} />
                <div class="buttons">
                    <Button type="submit" kind="primary" busy={busy.value}>
                        Save the file
                    </Button>
                </div>
            </form>
        </Card>
    );
}
