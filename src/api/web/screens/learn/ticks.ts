// Which values are ticked, and what is asked of the server for them.
import { isNew, keyId, topicId, type HeardTopic, type TreeNode } from './heard';

// The ids of the values that are ticked (keyId), and the branches that were ticked (true) or unticked (false)
// as a whole: what comes there later is like the innermost of them. The branch of everything has the path ''.
export interface Ticks {
    values: ReadonlySet<string>;
    branches: ReadonlyMap<string, boolean>;
}

export const noTicks: Ticks = { values: new Set(), branches: new Map() };

function levelsOf(topic: HeardTopic): string[] {
    const paths = [''];
    let path = '';
    for (const level of topic.topic.split('/')) {
        path = `${path}/${level}`;
        paths.push(path);
    }
    if (topic.where) paths.push(`${path}\n${JSON.stringify(topic.where)}`);
    return paths;
}

function isBranchTicked(ticks: Ticks, topic: HeardTopic): boolean {
    return levelsOf(topic).reduce((whole, path) => ticks.branches.get(path) ?? whole, false);
}

// Ticks what is new in ticked branches, and forgets values that tags read by now.
export function refreshTicks(ticks: Ticks, topics: HeardTopic[], seen: Set<string>): Ticks {
    const values = new Set<string>();
    for (const topic of topics) {
        const id = topicId(topic.topic, topic.where);
        const whole = ticks.branches.size > 0 && isBranchTicked(ticks, topic);
        for (const key of topic.keys) {
            if (!isNew(key)) continue;
            const value = keyId(id, key.key);
            if (ticks.values.has(value) || (whole && !seen.has(value))) values.add(value);
            seen.add(value);
        }
    }
    const same = values.size === ticks.values.size && [...values].every((value) => ticks.values.has(value));
    return same ? ticks : { values, branches: ticks.branches };
}

// Ticks or unticks values; `branch` is the branch that was ticked as a whole, if it was one.
export function setTicks(ticks: Ticks, ids: string[], on: boolean, branch: string | null): Ticks {
    const values = new Set(ticks.values);
    const branches = new Map(ticks.branches);
    for (const id of ids) {
        if (on) values.add(id);
        else values.delete(id);
    }
    if (branch !== null) {
        for (const path of ticks.branches.keys()) if (path.startsWith(`${branch}/`) || path.startsWith(`${branch}\n`)) branches.delete(path);
        branches.set(branch, on);
    }
    return { values, branches };
}

const QUERY_MAX = 6000; // characters of a request's address that every server and proxy takes
const KEYS_MAX = 60;

// The filters of the topics that have ticked values: of a branch all of whose topics have some, one.
function topicFilters(root: TreeNode, ticked: ReadonlySet<string>): string[] {
    const hasTicks = (node: TreeNode): boolean => {
        const id = node.topic ? topicId(node.topic.topic, node.topic.where) : '';
        return Boolean(node.topic) && node.keys.some((key) => ticked.has(keyId(id, key.key)));
    };
    // How many topics of the branch have ticks, and how many have none.
    const visit = (node: TreeNode, found: string[]): { some: number; none: number } => {
        const mine: string[] = [];
        const sum = { some: 0, none: 0 };
        for (const child of node.children) {
            const part = visit(child, mine);
            sum.some += part.some;
            sum.none += part.none;
        }
        if (node.topic) {
            if (hasTicks(node)) {
                sum.some++;
                mine.push(node.topic.topic);
            } else {
                sum.none++;
            }
        }
        const whole = sum.none === 0 && mine.length > 1 && node.path && !node.topic?.where;
        found.push(...(whole ? [`${node.path.slice(1)}/#`] : mine));
        return sum;
    };
    const filters: string[] = [];
    visit(root, filters);
    return [...new Set(filters)];
}

// The parameters `topic` and `key` of a proposal for the ticked values: they may choose more, never less.
// `root` is the tree of all that was heard.
export function choiceOf(root: TreeNode, topics: HeardTopic[], ticked: ReadonlySet<string>): { topic?: string[]; key?: string[] } {
    const keys = new Set<string>();
    let isAll = true;
    let isWhole = true; // of each topic that has ticks, all new values are ticked
    for (const topic of topics) {
        const id = topicId(topic.topic, topic.where);
        const fresh = topic.keys.filter(isNew);
        const mine = fresh.filter((key) => ticked.has(keyId(id, key.key)));
        if (mine.length < fresh.length) isAll = false;
        if (mine.length > 0 && mine.length < fresh.length) isWhole = false;
        for (const { key } of mine) {
            keys.add(key);
            // Makers' proposals may select the same value in another way, such as /Id=01145A2C/Temperature.
            if (key.startsWith('/')) keys.add(key.slice(key.lastIndexOf('/') + 1));
        }
    }
    if (isAll) return {};
    const choice: { topic?: string[]; key?: string[] } = {};
    const filters = topicFilters(root, ticked);
    if (filters.reduce((sum, filter) => sum + encodeURIComponent(filter).length + 7, 0) < QUERY_MAX) choice.topic = filters;
    if (!isWhole && keys.size <= KEYS_MAX) choice.key = [...keys];
    return choice;
}
