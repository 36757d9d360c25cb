// What a discovery has heard, and its tree: the levels of the topics, the topics, and the keys of their payloads.
import { getAll, pathOf, request, type Page } from '../../lib/api';
import { foldText } from '../../lib/format';
import type { Device } from '../../lib/types';

export type DiscoveryState = 'waiting' | 'running' | 'done' | 'refused';

export interface Discovery {
    id: number;
    topics: string[];
    seconds: number;
    created_at: string;
    ends_at: string;
    who: string;
    state: DiscoveryState;
    reason: string | null;
    totals: {
        messages: number;
        topics: number;
        dropped_messages: number;
        lost_messages: number;
        lost_keys: number;
        cut_payloads: number;
    };
}

export interface HeardKey {
    key: string;
    types: string[];
    sample: string;
    smallest: number | null;
    largest: number | null;
    decimals: number;
    words: string[];
    more_words: boolean;
    present: number; // in which part of the messages, 0 to 1
    tags: string[] | null; // those that read it: device/tag
}

export interface HeardTopic {
    topic: string;
    where: Record<string, unknown> | null;
    messages: number;
    rate: number;
    retained: boolean;
    first_at: string;
    newest_at: string;
    format: string;
    payload: string;
    encoding: 'text' | 'hex';
    looks_like: string | null;
    bytes: number;
    keys: HeardKey[];
    lost_keys: number;
}

export interface Heard {
    discovery: Discovery;
    topics: HeardTopic[];
    serverNow: number; // ms; the clock of the server, not of the browser
}

interface HeardPage extends Discovery {
    items: HeardTopic[];
    total: number;
    next: number | null;
}

const PAGE = 1000; // the most that the server takes

export async function readHeard(id: string, signal: AbortSignal): Promise<Heard> {
    const topics: HeardTopic[] = [];
    for (let after: number | undefined; ; ) {
        const { body, headers } = await request<HeardPage>('GET', pathOf('discoveries', id), { query: { limit: PAGE, after }, signal });
        topics.push(...body.items);
        if (body.next === null) {
            const { items: _items, total: _total, next: _next, ...discovery } = body;
            return { discovery, topics, serverNow: Date.parse(headers.get('Date') ?? '') || Date.now() };
        }
        after = body.next;
    }
}

export function readDiscoveries(signal: AbortSignal): Promise<Page<Discovery>> {
    return request<Page<Discovery>>('GET', pathOf('discoveries'), { signal }).then((answer) => answer.body);
}

// What a proposal leaves out of a device that the store has.
export interface KnownDevice {
    unit: number;
    topic: string;
    where: Record<string, unknown> | null;
}

export async function readKnownDevices(): Promise<Map<string, KnownDevice>> {
    const devices = await getAll<Device>(pathOf('devices'));
    return new Map(devices.map(({ name, network, mqtt }) => [name, { unit: network.unit_id, topic: mqtt.topic, where: mqtt.where }]));
}

// Identifies a topic, and the device on it where devices share one.
export function topicId(topic: string, where: Record<string, unknown> | null | undefined): string {
    return where ? `${topic}\n${JSON.stringify(where)}` : topic;
}

export function keyId(topic: string, key: string): string {
    return `${topic}\n\n${key}`;
}

export function isNew(key: HeardKey): boolean {
    return key.tags === null || key.tags.length === 0;
}

export function isText(topic: HeardTopic): boolean {
    return topic.encoding === 'text';
}

// A key as people read it: the payload itself, a name, or a path.
export function keyText(key: string): string {
    if (key === '') return 'the whole payload';
    if (!key.startsWith('/')) return key;
    return key
        .slice(1)
        .split('/')
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
        .join(' › ');
}

export interface TreeNode {
    path: string;
    name: string;
    topic: HeardTopic | null;
    children: TreeNode[];
    keys: HeardKey[]; // of the topic: those that are shown
    topics: number; // here and below
    fresh: number; // values here and below that no tag reads
}

export interface TreeRow {
    id: string;
    kind: 'level' | 'topic' | 'key';
    depth: number;
    name: string;
    node: TreeNode;
    key: HeardKey | null;
    open: boolean;
}

const names = new Intl.Collator(undefined, { numeric: true });

function whereText(where: Record<string, unknown>): string {
    return Object.entries(where)
        .map(([key, value]) => `${key.slice(key.lastIndexOf('/') + 1)} = ${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join(', ');
}

function newNode(path: string, name: string): TreeNode {
    return { path, name, topic: null, children: [], keys: [], topics: 0, fresh: 0 };
}

// The keys of a topic that a search finds, or all if the topic itself is found; null: neither.
function matchingKeys(topic: HeardTopic, needle: string, onlyNew: boolean): HeardKey[] | null {
    const keys = onlyNew ? topic.keys.filter(isNew) : topic.keys;
    if (onlyNew && keys.length === 0 && topic.keys.length > 0) return null;
    if (!needle || foldText(topic.topic).includes(needle)) return keys;
    const found = keys.filter((key) => foldText(key.key).includes(needle) || foldText(key.sample).includes(needle));
    return found.length > 0 ? found : null;
}

// Joins levels that have one branch only, sums up, and sorts.
function finish(node: TreeNode): TreeNode {
    node.children = node.children.map(finish).sort((a, b) => names.compare(a.name, b.name));
    node.topics = (node.topic ? 1 : 0) + node.children.reduce((sum, child) => sum + child.topics, 0);
    node.fresh = node.keys.filter(isNew).length + node.children.reduce((sum, child) => sum + child.fresh, 0);
    const only = node.children[0];
    if (node.path && !node.topic && node.children.length === 1 && only) return { ...only, name: `${node.name}/${only.name}` };
    return node;
}

// The tree of what `needle` and `onlyNew` leave.
export function makeTree(topics: HeardTopic[], needle: string, onlyNew: boolean): TreeNode {
    const root = newNode('', '');
    const nodes = new Map<string, TreeNode>([['', root]]);
    for (const topic of topics) {
        const keys = matchingKeys(topic, needle, onlyNew);
        if (!keys) continue;
        const levels = topic.topic.split('/');
        let node = root;
        let path = '';
        levels.forEach((level, index) => {
            path = index === 0 ? `/${level}` : `${path}/${level}`;
            let next = nodes.get(path);
            if (!next) {
                next = newNode(path, level || '(empty level)');
                nodes.set(path, next);
                node.children.push(next);
            }
            node = next;
        });
        if (topic.where) {
            const shared = newNode(`${path}\n${JSON.stringify(topic.where)}`, whereText(topic.where));
            node.children.push(shared);
            node = shared;
        }
        node.topic = topic;
        node.keys = keys;
    }
    root.children = root.children.map(finish).sort((a, b) => names.compare(a.name, b.name));
    root.topics = root.children.reduce((sum, child) => sum + child.topics, 0);
    root.fresh = root.children.reduce((sum, child) => sum + child.fresh, 0);
    return root;
}

// The rows of the branches that are open.
export function treeRows(root: TreeNode, isOpen: (node: TreeNode) => boolean): TreeRow[] {
    const rows: TreeRow[] = [];
    const visit = (node: TreeNode, depth: number) => {
        const open = isOpen(node);
        rows.push({ id: node.path, kind: node.topic ? 'topic' : 'level', depth, name: node.name, node, key: null, open });
        if (!open) return;
        for (const key of node.keys) {
            rows.push({ id: keyId(node.path, key.key), kind: 'key', depth: depth + 1, name: keyText(key.key), node, key, open: false });
        }
        for (const child of node.children) visit(child, depth + 1);
    };
    for (const child of root.children) visit(child, 0);
    return rows;
}

const newIds = new WeakMap<TreeNode, string[]>();

// The ids of the values of a branch that no tag reads.
export function newIdsOf(node: TreeNode): string[] {
    let ids = newIds.get(node);
    if (!ids) {
        ids = node.children.flatMap(newIdsOf);
        if (node.topic) {
            const topic = topicId(node.topic.topic, node.topic.where);
            for (const key of node.keys) if (isNew(key)) ids.push(keyId(topic, key.key));
        }
        newIds.set(node, ids);
    }
    return ids;
}

const PER_MINUTE_BELOW = 0.1; // messages per second

export function rateText(topic: HeardTopic): string {
    if (topic.messages < 2 || topic.rate <= 0) return '–';
    if (topic.rate >= PER_MINUTE_BELOW) return `${topic.rate.toFixed(topic.rate < 10 ? 1 : 0)}/s`;
    return `${(topic.rate * 60).toFixed(1)}/min`;
}

// What the values were between: numbers, or words.
export function rangeText(key: HeardKey): string {
    if (key.smallest !== null && key.largest !== null) return key.smallest === key.largest ? String(key.smallest) : `${key.smallest} to ${key.largest}`;
    if (key.words.length > 1) return key.words.join(', ') + (key.more_words ? ', …' : '');
    return '';
}

const typeWords: Record<string, string> = {
    integer: 'whole number',
    decimal: 'decimal number',
    boolean: 'true or false',
    text: 'text',
    null: 'null',
    number_as_text: 'number as text',
    empty: 'empty',
};

export function typesText(key: HeardKey): string {
    return key.types.map((type) => typeWords[type] ?? type.replaceAll('_', ' ')).join(', ');
}

export function payloadText(topic: HeardTopic): string {
    if (topic.bytes === 0) return '(empty)';
    if (isText(topic)) return topic.payload;
    return `not text${topic.looks_like ? `, looks like ${topic.looks_like}` : ''}: ${topic.payload}`;
}
