// What the metrics say of the machine: file systems, the files of the store, versions and memory of the daemons.
import { bytesText } from '../lib/format';
import { labelOf, metric, metricRows, type Metrics } from '../lib/metrics';

export type Room = 'enough' | 'warning' | 'wrong';

export interface Disk {
    id: string; // of the file system
    name: string; // with what is on it, if there are several: "disk of the store and the registers"
    hasStore: boolean;
    size: number;
    free: number;
    room: Room;
}

const useWords: Record<string, string> = { store: 'the store', image: 'the registers', runtime_dir: 'the files that the daemons share' };

// The same rule as the alert in prometheus-rules.yml: 200 MB mean nothing on a small file system, 5 % nothing on a
// large one.
function roomOf(size: number, free: number): Room {
    const isBelow = (bytes: number, share: number, most: number) => (free < bytes && size > 1e9) || (free < share * size && free < most);
    if (isBelow(5e7, 0.01, 2e9)) return 'wrong';
    return isBelow(2e8, 0.05, 1e10) ? 'warning' : 'enough';
}

export function readDisks(metrics: Metrics | null): Disk[] {
    const disks = new Map<string, { uses: string[]; size: number; free: number }>();
    for (const [labels, size] of metricRows(metrics, 'tagferry_filesystem_size_bytes')) {
        const id = labelOf(labels, 'filesystem');
        const free = metric(metrics, 'tagferry_filesystem_avail_bytes', labels) ?? 0;
        const disk = disks.get(id) ?? { uses: [], size, free };
        disk.uses.push(useWords[labelOf(labels, 'use')] ?? labelOf(labels, 'use'));
        disks.set(id, disk);
    }
    return [...disks].map(([id, { uses, size, free }]) => ({
        id,
        name: disks.size === 1 ? 'disk' : `disk of ${uses.join(', ').replace(/, ([^,]*)$/, ' and $1')}`,
        hasStore: uses.includes(useWords['store']!),
        size,
        free,
        room: roomOf(size, free),
    }));
}

// "4.1 GB of 50 GB free"
export function freeText({ free, size }: Disk): string {
    return `${bytesText(free)} of ${bytesText(size)} free`;
}

export interface StoreFile {
    name: string;
    bytes: number;
}

const fileWords: Record<string, string> = { database: 'Database', wal: 'Newest changes', history: 'History' };

export function readStoreFiles(metrics: Metrics | null): StoreFile[] {
    return metricRows(metrics, 'tagferry_store_size_bytes').map(([labels, bytes]) => ({ name: fileWords[labelOf(labels, 'file')] ?? labelOf(labels, 'file'), bytes }));
}

export interface Daemon {
    name: string; // "tagferry-mqttd"
    isUp: boolean;
    version: string | null; // null: it does not run
    memory: number | null;
    startedMs: number | null;
}

export function readDaemons(metrics: Metrics | null): Daemon[] {
    const versions = new Map(metricRows(metrics, 'tagferry_build_info').map(([labels]) => [labelOf(labels, 'daemon'), labelOf(labels, 'version')]));
    return metricRows(metrics, 'tagferry_up').map(([labels, up]) => {
        const daemon = labelOf(labels, 'daemon');
        const started = metric(metrics, 'process_start_time_seconds', `{daemon="${daemon}"}`);
        return {
            name: `tagferry-${daemon}`,
            isUp: up === 1,
            version: versions.get(daemon) ?? null,
            memory: metric(metrics, 'process_resident_memory_bytes', `{daemon="${daemon}"}`),
            startedMs: started === null ? null : started * 1000,
        };
    });
}

export function versionText(version: string): string {
    return version === 'unknown' ? 'another version' : version;
}

// Negative when the first is older. 0.2.0~rc1 is older than 0.2.0; a version that is not known is older than all,
// because only old ones do not tell it.
function compareVersions(one: string, other: string): number {
    if (one === other) return 0;
    if (one === 'unknown' || other === 'unknown') return one === 'unknown' ? -1 : 1;
    const [oneBase = '', otherBase = ''] = [one.split('~')[0], other.split('~')[0]];
    const order = oneBase.localeCompare(otherBase, 'en', { numeric: true });
    if (order !== 0) return order;
    if (one.includes('~') !== other.includes('~')) return one.includes('~') ? -1 : 1;
    return one.localeCompare(other, 'en', { numeric: true });
}

// The daemons that run an older version than another one.
export function outdatedDaemons(daemons: Daemon[]): Daemon[] {
    const newest = daemons.reduce<string | null>((most, { version }) => (version !== null && (most === null || compareVersions(version, most) > 0) ? version : most), null);
    return daemons.filter(({ version }) => version !== null && version !== newest);
}

// "tagferry-mqttd runs 0.1.0, tagferry-api 0.2.0"
export function versionSentence(old: Daemon, daemons: Daemon[]): string {
    const others = daemons.filter(({ version }) => version !== null && version !== old.version);
    return `${old.name} runs ${versionText(old.version!)}, ${others.map(({ name, version }) => `${name} ${versionText(version!)}`).join(', ')}`;
}

export function diskTitle(disk: Disk): string {
    return `The ${disk.name} is almost full: ${freeText(disk)}`;
}
