// What of the metrics needs somebody's attention, each with what to do.
import { growth, labelOf, metric, metricRows, type Metrics, type Readings } from '../lib/metrics';
import type { Clients } from '../lib/clients';
import { ageText, bytesText, countText, plural, timeText } from '../lib/format';
import { clientReasons, exceptionWords, wordsOf } from '../lib/remedies';
import { linkTo } from '../lib/router';
import { diskTitle, outdatedDaemons, readDaemons, readDisks, readStoreFiles, versionSentence } from './system-machine';

export interface Attention {
    level: 'warning' | 'wrong';
    title: string;
    remedy: string;
    command?: string;
    link?: { text: string; href: string };
}

const QUEUE_LATE_S = 60;

function grew(readings: Readings, name: string, labels?: string): boolean {
    return (growth(readings, name, labels) ?? 0) > 0;
}

// Counters that should never count: what one means, and what to do.
const seldom: { name: string; title: string; remedy: string }[] = [
    { name: 'tagferry_mqttd_messages_lost_total', title: 'Messages of QoS 0 were lost for lack of memory', remedy: 'Give the machine or the service (MemoryMax) more memory, and let devices publish with QoS 1.' },
    { name: 'tagferry_mqttd_no_memory_total', title: 'tagferry-mqttd had no memory', remedy: 'Check the memory of the machine (free -m), and MemoryMax of the service.' },
    { name: 'tagferry_api_no_memory_total', title: 'tagferry-api had no memory for requests', remedy: 'Check the memory of the machine (free -m), and MemoryMax of the service.' },
    { name: 'tagferry_mqttd_journal_overruns_total', title: "The journal of SCADA's writes overran", remedy: 'SCADA wrote more than the journal holds while tagferry-mqttd did not run. The last values were published, earlier ones are lost: write them again if they matter.' },
    { name: 'tagferry_modbusd_image_sync_failures_total', title: 'The registers could not be written to the disk', remedy: 'The disk is full or broken: check it with df -h and dmesg. Until then a power cut loses the newest registers.' },
];

// Counters that grow while something is wrong now.
const growing: { name: string; title: string; remedy: string; link?: Attention['link'] }[] = [
    { name: 'tagferry_mqttd_messages_refused_total', title: 'Messages are refused', remedy: 'Look at them: each has its reason, such as a fault in the JSON.', link: { text: 'Refused messages', href: `${linkTo('messages')}?refused=true` } },
    { name: 'tagferry_mqttd_values_refused_total', title: 'Values are refused', remedy: 'Look at the messages: each names the tag and the reason. A device or a tag is configured incorrectly.', link: { text: 'Refused messages', href: `${linkTo('messages')}?refused=true` } },
    { name: 'tagferry_mqttd_commands_refused_total', title: 'Values that SCADA writes cannot be published', remedy: 'Look at the last error of the tag: the value is not in its value map, is NaN or an infinity.', link: { text: 'Live', href: linkTo('live') } },
    { name: 'tagferry_mqttd_modbus_failures_total', title: 'A Modbus server does not accept writes', remedy: 'The values are kept and written later. Check the server and the network settings of its devices.', link: { text: 'Its tags', href: `${linkTo('live')}?show=wrong` } },
    { name: 'tagferry_mqttd_polls_failed_total', title: 'A Modbus server does not answer reads, or refuses them', remedy: 'Check the server and the network settings of its devices.', link: { text: 'Its tags', href: `${linkTo('live')}?show=wrong` } },
    { name: 'tagferry_modbusd_connections_refused_total', title: 'Modbus clients are refused', remedy: 'Look at them: each has its reason, such as an access rule or a limit.', link: { text: 'Refused clients', href: linkTo('scada') } },
    { name: 'tagferry_modbusd_bad_frames_total', title: 'A client sends what is not Modbus TCP', remedy: 'Set it to Modbus TCP, or correct its port.', link: { text: 'Refused clients', href: linkTo('scada') } },
    { name: 'tagferry_modbusd_writes_refused_total', title: 'Writes of SCADA are refused by the access rules', remedy: 'If the client may write, change its rule in [modbusd] allow from ro to rw, or the rule\'s registers and functions. The log names the cause.', link: { text: 'SCADA', href: linkTo('scada') } },
    { name: 'tagferry_modbusd_gap_writes_refused_total', title: 'Writes of SCADA to registers without a tag are refused', remedy: 'journalctl -u tagferry-modbusd names one of them each 10 s: correct the address, or set the direction of the tag to to_mqtt or both. See [modbusd] writes.', link: { text: 'SCADA', href: linkTo('scada') } },
    { name: 'tagferry_api_connections_refused_total', title: 'HTTP clients are refused', remedy: 'There are too many connections, or there is no memory: journalctl -u tagferry-api names one of them each 10 s.' },
    { name: 'tagferry_api_connections_closed_total', title: 'HTTP clients are too slow and are disconnected', remedy: 'journalctl -u tagferry-api names one of them each 10 s. See head_timeout_s and body_timeout_s.' },
    { name: 'tagferry_mqttd_discovery_dropped_total', title: 'A discovery hears more than its budget', remedy: 'Listen to fewer topics, or raise [mqttd] discovery_messages_per_s.', link: { text: 'Learn', href: linkTo('learn') } },
];

function devicesNotGood(now: Metrics | null): Attention[] {
    const count = (quality: string) => metric(now, 'tagferry_devices', `{quality="${quality}"}`) ?? 0;
    const found: Attention[] = [];
    const live = (quality: string) => ({ text: 'Show them', href: `${linkTo('live')}?show=${quality}` });
    if (count('bad')) found.push({ level: 'wrong', title: `${plural(count('bad'), 'device')} bad`, remedy: 'Look at them: each has its reason, such as refused values.', link: live('bad') });
    if (count('stale')) found.push({ level: 'warning', title: `${plural(count('stale'), 'device')} stale`, remedy: 'Look at them: each has its reason, such as too long a silence.', link: live('stale') });
    return found;
}

function disksFull(now: Metrics | null): Attention[] {
    const history = readStoreFiles(now).find(({ name }) => name === 'History');
    return readDisks(now).flatMap((disk): Attention[] => {
        if (disk.room === 'enough') return [];
        const ownPart = disk.hasStore && history ? ` Of Tagferry itself, the history has ${bytesText(history.bytes)} ([api] history_mb).` : '';
        const remedy = `When it is full, changes here are refused and registers are no longer saved. Delete what nobody needs, mostly old logs and backups, or make it larger.${ownPart}`;
        return [{ level: disk.room, title: diskTitle(disk), remedy, command: 'df -h /var/lib/tagferry /run/tagferry\nsudo du -xh --max-depth=2 /var | sort -h | tail' }];
    });
}

function versionsDiffer(now: Metrics | null): Attention[] {
    const daemons = readDaemons(now);
    return outdatedDaemons(daemons).map((old) => ({
        level: 'wrong',
        title: versionSentence(old, daemons),
        remedy: 'An upgrade has not restarted it, and different versions may not understand one another. Restart it:',
        command: `sudo systemctl restart ${old.name}`,
    }));
}

function serversDown(now: Metrics | null): Attention[] {
    return metricRows(now, 'tagferry_foreign_unit_up')
        .filter(([, up]) => up === 0)
        .map(([labels]) => ({
            level: 'wrong',
            title: `The Modbus server ${labelOf(labels, 'server')} does not answer for unit ${labelOf(labels, 'unit')}`,
            remedy: 'Check that it runs, its address, and its unit. Values for it are kept and written later.',
            link: { text: 'Its registers', href: `${linkTo('registers')}?server=${encodeURIComponent(labelOf(labels, 'server'))}&unit=${labelOf(labels, 'unit')}` },
        }));
}

const REFUSED_LATELY_MS = 15 * 60 * 1000;

// Modbus clients that get no values: refused lately, or with an exception as the newest answer.
export function clientsWithout(clients: Clients | null): Attention[] {
    const link = { text: 'SCADA', href: linkTo('scada') };
    const refused = (clients?.refused ?? []).filter((one) => Date.now() - Date.parse(one.at) < REFUSED_LATELY_MS);
    const found: Attention[] = refused.map((one) => {
        const words = wordsOf(clientReasons, one.reason);
        return { level: 'wrong', title: `The Modbus client ${one.address} was refused or closed at ${timeText(one.at)}: ${words.title}`, remedy: words.remedy ?? '', link };
    });
    for (const { address, port, last_request: last } of clients?.items ?? []) {
        const words = last?.exception ? exceptionWords[last.exception] : null;
        if (words) found.push({ level: 'warning', title: `The Modbus client ${address}:${port} gets exception ${last!.exception}: ${words.title}`, remedy: words.remedy ?? '', link });
    }
    return found;
}

export function findAttention(readings: Readings, clients: Clients | null): Attention[] {
    const { now } = readings;
    const found: Attention[] = clientsWithout(clients);
    if (metric(now, 'tagferry_modbusd_process_lost')) found.push({ level: 'wrong', title: 'SCADA gets exception 11 for each read', remedy: 'tagferry-mqttd does not run, and on_process_loss is exception. Start tagferry-mqttd.' });
    found.push(...disksFull(now), ...versionsDiffer(now), ...serversDown(now));
    const queued = metric(now, 'tagferry_mqttd_queue_age_seconds') ?? 0;
    if (queued > QUEUE_LATE_S && serversDown(now).length === 0)
        found.push({ level: 'wrong', title: `Values wait for their Modbus server for ${ageText(queued * 1000)}`, remedy: 'The server is unreachable or too slow: check it, and the limits of its devices (min_interval_ms).' });
    for (const { name, title, remedy } of seldom) {
        const total = metric(now, name) ?? 0;
        if (total > 0) found.push({ level: grew(readings, name) ? 'wrong' : 'warning', title: `${title} (${total === 1 ? 'once' : `${countText(total)} times`} since the start)`, remedy });
    }
    const isTold = serversDown(now).length > 0; // why requests fail
    for (const { name, title, remedy, link } of growing) {
        if (isTold && (name.endsWith('modbus_failures_total') || name.endsWith('polls_failed_total'))) continue;
        if (grew(readings, name)) found.push({ level: 'wrong', title, remedy, ...(link ? { link } : {}) });
    }
    found.push(...devicesNotGood(now));
    return found.sort((a, b) => Number(a.level === 'warning') - Number(b.level === 'warning'));
}
