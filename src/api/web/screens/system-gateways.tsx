// The gateways that share the configuration: how far and how well each is, and the commands that change the role
// of this one.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { pathOf, Problem, request } from '../lib/api';
import { capitalText, countText, cutText, timeText } from '../lib/format';
import { gateways, ownGateway } from '../lib/gateways';
import { partsDown, partText } from '../lib/parts';
import { gatewayErrors, wordsOf } from '../lib/remedies';
import { mayWrite } from '../lib/session';
import type { Gateway, Readiness } from '../lib/types';
import { Button, Card, Note, ProblemNote } from '../ui/basic';
import { Dialog, notify } from '../ui/dialog';
import { faultsAt, TextField } from '../ui/form';
import { PlainTable, type Column } from '../ui/table';

const LATE_S = 2; // a follower asks four times a second
const SILENT_MS = 15000;

function lagText(seconds: number): string {
    if (seconds < LATE_S) return 'has all changes';
    const minutes = Math.floor(seconds / 60);
    const text = seconds < 120 ? `${countText(Math.floor(seconds))} s` : minutes < 120 ? `${minutes} min` : `${countText(Math.floor(minutes / 60))} h`;
    return `${text} without changes of the leader`;
}

const isSilent = ({ last_seen: seen }: Gateway) => seen !== null && Date.now() - Date.parse(seen) > SILENT_MS;

function Name({ item }: { item: Gateway }) {
    return (
        <div class="gateway">
            <strong>{item.name ?? 'without a name'}</strong>
            <span class="block muted">{[item.self && 'this one', item.host && cutText(item.host, 60)].filter(Boolean).join(', ')}</span>
        </div>
    );
}

function Configuration({ item }: { item: Gateway }) {
    if (item.revision === null) return <span class="muted">not known</span>;
    const late = item.lag_s !== null && item.lag_s >= LATE_S;
    return (
        <>
            <span class="nowrap">
                term {countText(item.term)}, revision {countText(item.revision)}
            </span>
            {item.lag_s !== null && <span class={`block ${late ? 'verdict warning' : 'muted'}`}>{lagText(item.lag_s)}</span>}
        </>
    );
}

function Advised({ level, title, children }: { level: 'wrong' | 'warning'; title: ComponentChildren; children?: ComponentChildren }) {
    return (
        <div>
            <span class={`verdict ${level}`}>{title}</span>
            <span class="block">{children}</span>
        </div>
    );
}

function LastError({ error }: { error: NonNullable<Gateway['last_error']> }) {
    const words = wordsOf(gatewayErrors, error.code);
    return (
        <Advised level="wrong" title={`${words.title}${error.at ? `, since ${timeText(error.at)}` : ''}.`}>
            {error.detail && <span class="block muted">{cutText(error.detail, 400)}</span>}
            {words.remedy}
        </Advised>
    );
}

function State({ item }: { item: Gateway }) {
    if (!item.role)
        return item.name === null ? (
            <span class="muted">nothing was heard of it yet</span>
        ) : (
            <Advised level="warning" title="Devices have this name, but no such gateway was heard of.">
                Check that it runs and follows the leader, and [common] gateway there; or correct the devices.
            </Advised>
        );
    const down = item.parts ? partsDown(item.parts as unknown as Readiness) : [];
    return (
        <div class="gateway-state">
            {isSilent(item) && (
                <Advised level="wrong" title={`It has not asked since ${timeText(item.last_seen)}.`}>
                    Check that machine, its tagferry-api, and the network between. What follows is of then.
                </Advised>
            )}
            {item.last_error && <LastError error={item.last_error} />}
            {down.map(([name, part]) => (
                <span key={name} class="verdict wrong block">
                    {capitalText(partText(name, part))}.
                </span>
            ))}
            {down.length === 0 && <span class="muted">{item.parts ? 'all parts work' : 'its parts are not known'}</span>}
        </div>
    );
}

const columns: Column<Gateway>[] = [
    { id: 'name', title: 'Gateway', width: '', render: (item) => <Name item={item} /> },
    { id: 'state', title: 'State', width: '', render: (item) => <State item={item} /> },
    { id: 'role', title: 'Role', width: '', render: (item) => <span class={`nowrap${item.role ? '' : ' muted'}`}>{item.role ?? 'not known'}</span> },
    { id: 'configuration', title: 'Configuration', width: '', render: (item) => <Configuration item={item} /> },
    { id: 'devices', title: 'Devices', width: '', number: true, render: (item) => countText(item.devices) },
    { id: 'seen', title: 'Last heard', width: '', render: (item) => <span class="nowrap">{item.self ? '' : item.last_seen ? timeText(item.last_seen) : item.role ? 'now' : 'never'}</span> },
];

// Changes the role of this gateway. Resolves to true if it was changed.
async function changeRole(body: { role: 'leader' } | { role: 'follower'; leader: string }): Promise<Problem | null> {
    try {
        gateways.value = (await request<{ items: Gateway[] }>('POST', pathOf('gateways'), { body })).body.items;
        notify(body.role === 'leader' ? 'This gateway leads now.' : `This gateway follows ${body.leader} now.`);
        return null;
    } catch (error) {
        return error instanceof Problem ? error : new Problem(0, 'Error', String(error));
    }
}

interface RoleDialogProps {
    title: string;
    yes: string;
    run: () => Promise<Problem | null>;
    onClose: () => void;
    children: (problem: Problem | null) => ComponentChildren;
}

function RoleDialog({ title, yes, run, onClose, children }: RoleDialogProps) {
    const busy = useSignal(false);
    const problem = useSignal<Problem | null>(null);
    const submit = async (event: Event) => {
        event.preventDefault();
        if (busy.value) return;
        busy.value = true;
        problem.value = null;
        problem.value = await run();
        busy.value = false;
        if (!problem.value) onClose();
    };
    return (
        <Dialog title={title} onClose={onClose}>
            <form onSubmit={submit} class="role-form">
                {children(problem.value)}
                <div class="buttons">
                    <Button onClick={onClose}>Cancel</Button>
                    <Button type="submit" kind="primary" busy={busy.value}>
                        {yes}
                    </Button>
                </div>
            </form>
        </Dialog>
    );
}

function LeadDialog({ own, onClose }: { own: Gateway; onClose: () => void }) {
    return (
        <RoleDialog title="Make this gateway the leader?" yes="Lead" run={() => changeRole({ role: 'leader' })} onClose={onClose}>
            {(problem) => (
                <>
                    <p>The configuration is changed here from then on, with all devices, tags and changes that are here now. Values go on as before.</p>
                    {own.last_error ? (
                        <Note>Changes that {own.leader} has made and this gateway has not got are not here. When that one returns, let it follow this one: its configuration is copied to a file first.</Note>
                    ) : (
                        <Note kind="warning">{own.leader} answers and still leads. Its configuration is older. Open its page next, and let it follow this gateway.</Note>
                    )}
                    <p>Other gateways that follow {own.leader} have to be told to follow this one.</p>
                    <ProblemNote problem={problem} />
                </>
            )}
        </RoleDialog>
    );
}

function FollowDialog({ own, onClose }: { own: Gateway; onClose: () => void }) {
    const url = useSignal(own.leader ?? '');
    return (
        <RoleDialog title="Follow another gateway" yes="Follow" run={() => changeRole({ role: 'follower', leader: url.value.trim() })} onClose={onClose}>
            {(problem) => {
                const faults = faultsAt(problem?.errors, '/leader');
                return (
                    <>
                        <TextField label="URL of the leader" help="As this machine reaches it, such as https://10.0.0.1:5000. If it asks for a token, [api] follow_token_file here has to name a file with one." value={url.value} faults={faults} onInput={(text) => (url.value = text)} attributes={{ autofocus: true, inputMode: 'url', required: true }} />
                        <Note kind="warning">
                            All devices, tags and profiles here become those of the leader, and are changed there from then on. If this gateway has changes that the leader has not, its configuration is first copied to a file beside its database, whose name ends in the term and the time.
                        </Note>
                        <ProblemNote problem={faults.length > 0 ? null : problem} />
                    </>
                );
            }}
        </RoleDialog>
    );
}

export function GatewaysCard() {
    const asked = useSignal<'lead' | 'follow' | null>(null);
    const own = ownGateway.value;
    const close = () => (asked.value = null);
    return (
        <Card
            title="Gateways"
            actions={
                mayWrite.value &&
                own && (
                    <>
                        {own.role === 'follower' && <Button onClick={() => (asked.value = 'lead')}>Lead</Button>}
                        <Button onClick={() => (asked.value = 'follow')}>Follow …</Button>
                    </>
                )
            }
        >
            <PlainTable label="Gateways" columns={columns} items={gateways.value} itemKey={(item) => `${item.self}/${item.role}/${item.name}/${item.host}`} />
            {own && asked.value === 'lead' && <LeadDialog own={own} onClose={close} />}
            {own && asked.value === 'follow' && <FollowDialog own={own} onClose={close} />}
        </Card>
    );
}
