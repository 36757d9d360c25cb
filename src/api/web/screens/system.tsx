// System: do all parts work, what needs attention, how much passes, and the commands for backup and support.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { get, pathOf, request, saveFile, type Problem } from '../lib/api';
import type { Clients } from '../lib/clients';
import { ageText, bytesText, capitalText, countText, timeText } from '../lib/format';
import { isOneOfSeveral } from '../lib/gateways';
import { metric, metricRows, labelOf, parseMetrics, percentile, rate, type Metrics, type Readings } from '../lib/metrics';
import { partsOf, partSentence, partWords, readReadiness } from '../lib/parts';
import { functionWords, outcomeWords, partReasons, wordsOf } from '../lib/remedies';
import { linkTo } from '../lib/router';
import { mayWrite, session } from '../lib/session';
import type { Readiness } from '../lib/types';
import { Button, Card, Facts, Heading, Loading, ProblemNote } from '../ui/basic';
import { Command } from '../ui/command';
import { PlainTable, type Column } from '../ui/table';
import { usePolled, useTitle } from '../ui/use';
import { findAttention } from './system-attention';
import { GatewaysCard } from './system-gateways';
import { freeText, outdatedDaemons, readDaemons, readDisks, readStoreFiles, versionText, type Daemon } from './system-machine';

const EVERY_MS = 3000;

function useReadings(): Readings & { problem: Problem | null } {
    const before = useSignal<Metrics | null>(null);
    const now = useSignal<Metrics | null>(null);
    const { problem } = usePolled(
        async (signal) => {
            const { body } = await request<string>('GET', 'metrics', { accept: 'text/plain', signal });
            before.value = now.value;
            now.value = parseMetrics(body, performance.now());
            return true;
        },
        EVERY_MS,
        [],
    );
    return { now: now.value, before: before.value, problem };
}

// How long ago, coarsely: 3 d 4 h, 12 min.
function spanText(since: string | number | null): string {
    if (since === null) return '–';
    const minutes = Math.max(0, Math.floor((Date.now() - new Date(since).getTime()) / 60000));
    if (minutes < 1) return 'less than a minute';
    if (minutes < 60) return `${minutes} min`;
    if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
    return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}

const units: Record<string, string> = { mqttd: 'tagferry-mqttd', modbusd: 'tagferry-modbusd', broker: 'tagferry-mqttd', store: 'tagferry-api' };

function Parts({ readiness }: { readiness: Readiness }) {
    const parts = partsOf(readiness);
    return (
        <ul class="parts">
            <li>
                <span class="quality good">
                    <span class="dot" aria-hidden="true" />
                </span>
                <p>
                    tagferry-api works <span class="muted">version {session.value?.version}</span>
                </p>
            </li>
            {parts.map(([name, part]) => {
                const isUp = part.state === 'up';
                const help = part.reason ? wordsOf(partReasons, part.reason) : null;
                const isUnknown = part.reason === 'mqttd_down';
                return (
                    <li key={name}>
                        <span class={`quality ${isUp ? 'good' : isUnknown ? 'never' : 'bad'}`}>
                            <span class="dot" aria-hidden="true" />
                        </span>
                        <div>
                            <p>
                                <span class={isUp || isUnknown ? '' : 'verdict wrong strong'}>{partSentence(name, part)}</span>{' '}
                                {part.since && (
                                    <span class="muted">
                                        since {timeText(part.since)} ({spanText(part.since)})
                                    </span>
                                )}
                            </p>
                            {part.detail && <p>{part.detail}</p>}
                            {help?.text && <p>{help.text}</p>}
                            {!isUp && help?.remedy && <p class="remedy">{help.remedy}</p>}
                            {!isUp && !isUnknown && <Command label={`See what ${partWords[name] ?? name} does`} text={`systemctl status ${units[name] ?? 'tagferry-*'}\njournalctl -u ${units[name] ?? 'tagferry-*'} -n 50`} />}
                        </div>
                    </li>
                );
            })}
        </ul>
    );
}

function AttentionList({ readings }: { readings: Readings }) {
    const clients = usePolled((signal) => get<Clients>(pathOf('modbus', 'clients'), { signal }), EVERY_MS, []);
    const found = findAttention(readings, clients.data);
    if (found.length === 0) return <p class="muted">Nothing.{readings.before ? '' : ' Counters are compared with the next reading.'}</p>;
    return (
        <ul class="attention">
            {found.map((item) => (
                <li key={item.title} class={`explained ${item.level}`}>
                    <strong class={`verdict ${item.level}`}>{item.title}</strong>
                    <p class="remedy">
                        {item.remedy} {item.link && <a href={item.link.href}>{item.link.text}</a>}
                    </p>
                    {item.command && <Command text={item.command} />}
                </li>
            ))}
        </ul>
    );
}

function rateText(perSecond: number | null, unit = ''): string {
    return perSecond === null ? '–' : `${countText(perSecond)}${unit}/s`;
}

function secondsText(seconds: number | null): string {
    if (seconds === null) return '–';
    if (seconds === Infinity) return 'over 5 s';
    return seconds < 1 ? `${countText(seconds * 1000)} ms` : `${countText(seconds)} s`;
}

// A counter: how fast it grows now, and its total since the daemon started.
function Counted({ readings, name, labels }: { readings: Readings; name: string; labels?: string }) {
    return (
        <>
            {rateText(rate(readings, name, labels))} <span class="muted">{countText(metric(readings.now, name, labels))} in all</span>
        </>
    );
}

function Group({ title, items }: { title: string; items: [ComponentChildren, ComponentChildren][] }) {
    return (
        <Card title={title} class="counters">
            <Facts items={items} />
        </Card>
    );
}

// The labels of a counter that have counted anything, in words.
function labelRows(readings: Readings, name: string, label: string, words: (value: string) => string): [ComponentChildren, ComponentChildren][] {
    return metricRows(readings.now, name)
        .filter(([, count]) => count > 0)
        .map(([labels]) => [words(labelOf(labels, label)), <Counted key={labels} readings={readings} name={name} labels={labels} />]);
}

const refusalWords: Record<string, string> = {
    limit: 'Refused: too many clients',
    ip_limit: 'Refused: too many of one address',
    rule: 'Refused by an access rule',
    memory: 'Refused for lack of memory',
    health_checks_only: 'Only health checks were served',
    head_timeout: 'Closed: the head came too slowly',
    body_timeout: 'Closed: the body came too slowly',
    answer_timeout: 'Closed: the answer was not read',
    made_room: 'Closed to make room for others',
    frame_timeout: 'Closed: half a request',
    write_timeout: 'Closed: answers were not read',
    idle: 'Closed: idle',
    proxy_header: 'Closed: a proxy without its header',
};

// How much of each file system is used, and how much is left.
function diskRows(now: Metrics | null): [ComponentChildren, ComponentChildren][] {
    return readDisks(now).map((disk) => [
        capitalText(disk.name),
        <span key={disk.id} class="disk">
            <progress class={disk.room} aria-label={`Used space of the ${disk.name}`} value={disk.size - disk.free} max={disk.size} />
            <span class={disk.room === 'enough' ? '' : `verdict ${disk.room}`}>{freeText(disk)}</span>
        </span>,
    ]);
}

function Counters({ readings }: { readings: Readings }) {
    const { now } = readings;
    const count = (name: string, labels?: string) => countText(metric(now, name, labels));
    const counted = (name: string, labels?: string) => <Counted readings={readings} name={name} {...(labels ? { labels } : {})} />;
    const delay = (share: number) => secondsText(percentile(readings, 'tagferry_mqttd_write_delay_seconds', share));
    const refusals = (name: string) => labelRows(readings, name, 'reason', (reason) => refusalWords[reason] ?? reason);
    return (
        <div class="cards">
            <Group
                title="Messages from the broker"
                items={[
                    ['Received', counted('tagferry_mqttd_messages_total')],
                    ['Size', <span key="size">{readings.before ? `${bytesText(rate(readings, 'tagferry_mqttd_received_bytes_total') ?? 0)}/s` : '–'} <span class="muted">{bytesText(metric(now, 'tagferry_mqttd_received_bytes_total') ?? 0)} in all</span></span>],
                    ['Refused whole', counted('tagferry_mqttd_messages_refused_total')],
                    ...labelRows(readings, 'tagferry_mqttd_message_outcomes_total', 'outcome', (outcome) => capitalText(wordsOf(outcomeWords, outcome).title)),
                    ['Connections', `${count('tagferry_mqttd_connects_total')} since the start`],
                ]}
            />
            <Group
                title="Values into registers"
                items={[
                    ['Accepted', counted('tagferry_mqttd_values_total')],
                    ['Refused', counted('tagferry_mqttd_values_refused_total')],
                    ['Held back', counted('tagferry_mqttd_values_held_total')],
                    ['Delay', delay(0.5) !== '–' ? `half below ${delay(0.5)}, 99 % below ${delay(0.99)}` : '–'],
                    ['Waiting', `${count('tagferry_mqttd_queue_values')}, the oldest for ${ageText((metric(now, 'tagferry_mqttd_queue_age_seconds') ?? 0) * 1000).replace('now', 'a moment')}`],
                ]}
            />
            <Group
                title="Modbus server for SCADA"
                items={[
                    ['Clients', `${count('tagferry_modbusd_connections')} and ${count('tagferry_modbusd_process_connections')} of Tagferry itself`],
                    ['Requests', counted('tagferry_modbusd_requests_total')],
                    ...labelRows(readings, 'tagferry_modbusd_requests_total', 'function', (code) => capitalText(functionWords[code] ?? `function ${code}`)),
                    ...labelRows(readings, 'tagferry_modbusd_exceptions_total', 'code', (code) => `Exception ${code}`),
                    ['Slowest turn', secondsText(metric(now, 'tagferry_modbusd_slowest_turn_seconds'))],
                    ...refusals('tagferry_modbusd_connections_refused_total'),
                    ...refusals('tagferry_modbusd_connections_closed_total'),
                ]}
            />
            <Group
                title="SCADA's writes to MQTT"
                items={[
                    ['Written by SCADA', counted('tagferry_modbusd_journal_entries_total')],
                    ['Published', counted('tagferry_mqttd_published_total')],
                    ['Not publishable', counted('tagferry_mqttd_commands_refused_total')],
                    ['Refused by rules', counted('tagferry_modbusd_writes_refused_total')],
                    ['Journal overruns', count('tagferry_mqttd_journal_overruns_total')],
                ]}
            />
            <Group
                title="Writes to Modbus servers"
                items={[
                    ['Requests', counted('tagferry_mqttd_modbus_requests_total')],
                    ['Registers', counted('tagferry_mqttd_modbus_registers_total')],
                    ['Failed', counted('tagferry_mqttd_modbus_failures_total')],
                    ['Reads of others', counted('tagferry_mqttd_polls_total')],
                    ['Failed reads', counted('tagferry_mqttd_polls_failed_total')],
                ]}
            />
            <Group
                title="Store and disk"
                items={[
                    ...diskRows(now),
                    ...readStoreFiles(now).map(({ name, bytes }): [string, string] => [name, bytesText(bytes)]),
                    ['Tags', count('tagferry_tags')],
                    ['Devices', `${countText(metric(now, 'tagferry_devices'))}, of them ${['good', 'stale', 'bad', 'never'].map((quality) => `${count('tagferry_devices', `{quality="${quality}"}`)} ${quality}`).join(', ')}`],
                    ['Revision', <a key="changes" href={linkTo('changes')}>{count('tagferry_store_revision')}</a>],
                    ['Registers saved', counted('tagferry_modbusd_image_syncs_total')],
                    ['Failed saves', count('tagferry_modbusd_image_sync_failures_total')],
                ]}
            />
            <Group
                title="API and this page"
                items={[
                    ['Requests', counted('tagferry_api_requests_total')],
                    ['Refused (4xx)', counted('tagferry_api_client_errors_total')],
                    ['Failed (5xx)', counted('tagferry_api_server_errors_total')],
                    ['Connections', count('tagferry_api_connections')],
                    ...refusals('tagferry_api_connections_refused_total'),
                    ...refusals('tagferry_api_connections_closed_total'),
                    ['Without memory', count('tagferry_api_no_memory_total')],
                ]}
            />
        </div>
    );
}

function daemonColumns(outdated: Daemon[]): Column<Daemon>[] {
    return [
        { id: 'name', title: 'Daemon', width: '', render: (daemon) => <span class="nowrap">{daemon.name}</span> },
        {
            id: 'version',
            title: 'Version',
            width: '',
            render: (daemon) => {
                if (daemon.version === null) return <span class="verdict wrong">does not run</span>;
                return outdated.includes(daemon) ? <span class="verdict wrong">{versionText(daemon.version)}, restart it</span> : versionText(daemon.version);
            },
        },
        { id: 'memory', title: 'Memory', width: '', number: true, render: (daemon) => <span class="nowrap">{daemon.memory === null ? '–' : bytesText(daemon.memory)}</span> },
        { id: 'started', title: 'Running for', width: '', number: true, render: (daemon) => <span class="nowrap" title={timeText(daemon.startedMs)}>{spanText(daemon.startedMs)}</span> },
    ];
}

function Versions({ readings }: { readings: Readings }) {
    const user = session.value;
    const daemons = readDaemons(readings.now);
    const outdated = outdatedDaemons(daemons);
    return (
        <Card title="This gateway">
            <PlainTable label="Daemons" columns={daemonColumns(outdated)} items={daemons} itemKey={(daemon) => daemon.name} />
            <Facts
                items={[
                    ['In service', `${countText(metric(readings.now, 'tagferry_mqttd_devices'))} devices, ${countText(metric(readings.now, 'tagferry_mqttd_tags'))} tags`],
                    ['You are', user?.tokens ? `${user.name}, ${mayWrite.value ? 'may read and write' : 'may only read'}` : 'not signed in: without access tokens everybody on this machine may do everything'],
                    ...(isOneOfSeveral.value ? [] : [['Role', 'a gateway of its own: no other one shares its configuration'] as [string, string]]),
                ]}
            />
            {user && !user.tokens && (
                <>
                    <p class="muted">To ask for a token on this page and in the API:</p>
                    <Command label="Create a token" text="sudo -u tagferry tagferry-api token add NAME --scope write" />
                </>
            )}
        </Card>
    );
}

function Commands() {
    const problem = useSignal<Problem | null>(null);
    const save = async () => {
        try {
            problem.value = null;
            await saveFile('metrics', { accept: 'text/plain' }, 'tagferry-metrics.txt');
        } catch (error) {
            problem.value = error as Problem;
        }
    };
    return (
        <Card title="Backup and support" actions={<Button onClick={() => void save()}>Save all metrics</Button>}>
            <ProblemNote problem={problem.value} />
            <p>A backup has all devices, tags and changes. It can be made and restored while everything runs:</p>
            <Command label="Backup" text="sudo -u tagferry tagferry-api backup /var/lib/tagferry/backup.db" />
            <Command label="Restore" text="sudo -u tagferry tagferry-api restore /var/lib/tagferry/backup.db" />
            <p>
                To undo a mistake, go to <a href={linkTo('changes')}>Changes</a>. For support, send what these print:
            </p>
            <Command label="For support" text={"systemctl --no-pager status 'tagferry*'\njournalctl -u 'tagferry*' -n 200 --no-pager\ndf -h /var/lib/tagferry /run/tagferry; free -m"} />
            <p>To watch Tagferry with Prometheus, let it read /metrics here; ready alerts are in prometheus-rules.yml.</p>
        </Card>
    );
}

export default function SystemScreen() {
    useTitle('System');
    const ready = usePolled(readReadiness, EVERY_MS, []);
    const readings = useReadings();
    const isWell = ready.data?.status === 'ready';
    return (
        <div class="screen">
            <Heading title="System" />
            <div class="columns">
                <Card title={isWell ? 'All parts work' : 'Parts'}>
                    <ProblemNote problem={ready.problem} />
                    {!ready.data && !ready.problem && <Loading />}
                    {ready.data && <Parts readiness={ready.data} />}
                </Card>
                <Card title="Needs attention">
                    <ProblemNote problem={readings.problem} />
                    {readings.now && <AttentionList readings={readings} />}
                    {!readings.now && !readings.problem && <Loading />}
                </Card>
            </div>
            {isOneOfSeveral.value && <GatewaysCard />}
            {readings.now && <Counters readings={readings} />}
            <div class="columns">
                <Versions readings={readings} />
                <Commands />
            </div>
        </div>
    );
}
