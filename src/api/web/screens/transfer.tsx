// Import and export: a file, what it would change, then the change; and the other way.
import { useTitle } from '../ui/use';
import { Heading, LeaderLink, Note } from '../ui/basic';
import { leader, mayChange } from '../lib/gateways';
import { mayWrite } from '../lib/session';
import { ImportPart } from './transfer_import';
import { ExportPart } from './transfer_export';

export default function TransferScreen() {
    useTitle('Import and export');
    return (
        <div class="screen">
            <Heading title="Import and export" />
            {mayChange.value && <ImportPart />}
            {leader.value && mayWrite.value && (
                <Note>
                    Files are imported at the leader, <LeaderLink url={leader.value} />.
                </Note>
            )}
            <ExportPart />
        </div>
    );
}
