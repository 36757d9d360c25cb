// Each cause of docs/troubleshooting.md, caused on real daemons, and found on the page without a document:
// Live with "Only what is wrong", the tag, and where it is not of a tag the head, Messages, SCADA or System say
// the cause and what to do in words.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { addDevice, api, call, checkAccess, eventually, expectCount, expectText, publishUntil, startPlant } from './harness.mjs';

const plant = await startPlant();
const document_ = readFileSync(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8');
const lost = [/Failed to load resource/, /ERR_/];

// The first cells of the table that has this head, without the `marks`.
function rowsOf(head) {
    const lines = document_.slice(document_.indexOf(`\n${head}`) + 1).split('\n');
    const end = lines.findIndex((line) => !line.startsWith('|'));
    return lines.slice(2, end).map((line) => line.split(/(?<!\\)\|/)[1].trim());
}

const codesOf = (head) => rowsOf(head).flatMap((cell) => cell.match(/`[^`]+`/g) ?? [cell]).map((one) => one.replaceAll('`', ''));

const main = (page) => page.locator('main');
const go = (page, place) => page.evaluate((to) => (location.hash = to), place);
const open = (place, options = {}) => plant.openPage(place, { expect: lost, ...options });

// Goes to each place and waits for its words.
async function finds(page, places) {
    for (const [place, ...patterns] of places) {
        if (place) await go(page, place);
        for (const pattern of patterns) await expectText(place === null ? page.locator('.page') : main(page), pattern);
    }
}

// Runs all parts of a test, so that one that fails does not hide the others.
async function each(parts, run) {
    const failed = [];
    for (const [name, part] of Array.isArray(parts) ? parts.entries() : Object.entries(parts)) {
        try {
            await run(name, part);
        } catch (error) {
            failed.push(`${Array.isArray(parts) ? part[0] : name}: ${error.message}`);
        }
    }
    assert.deepEqual(failed, []);
}

// ---------------------------------------------------------------- Symptoms of each fault

const tag = '#/tags/boiler-7/supply_temperature';
const live = '#/live?show=wrong';
const head = null; // of the page, with its banner

// Where each fault is told. Some need more messages than the one that the fault sends.
const faults = {
    'tagferry-api is down': { before: true, finds: [[head, /No connection since \d\d:\d\d:\d\d\. tagferry-api does not answer.*systemctl status tagferry-api/s]] },
    'tagferry-mqttd is down': { finds: [[head, 'tagferry-mqttd does not run'], [live, /tagferry-mqttd does not run\s+since \d.*3 tags\s+On the gateway, systemctl status tagferry-mqttd says why/s], [tag, /tagferry-mqttd does not run since.*journalctl -u tagferry-mqttd.*Ends here: tagferry-mqttd does not run/s]] },
    'tagferry-modbusd is down': { finds: [[head, 'tagferry-modbusd does not run'], [live, /tagferry-modbusd does not run\s+since \d.*systemctl status tagferry-modbusd says why/s], [tag, /tagferry-modbusd does not run since.*journalctl -u tagferry-modbusd.*written when it runs again.*Ends here: tagferry-modbusd/s], ['#/scada', 'No SCADA client can read or write']] },
    'the broker is down': { finds: [[head, 'The MQTT broker cannot be reached'], [live, /The MQTT broker cannot be reached: Connection refused\s+since \d.*3 tags\s+There is no TCP connection.*Check the broker/s], [tag, /The MQTT broker cannot be reached since.*Check the broker, the network.*Ends here: there is no connection to the MQTT broker/s]] },
    "the broker's password was changed": { finds: [[head, 'The MQTT broker does not accept the user'], [live, /does not accept the user: Not authorized.*3 tags.*Check \[mqttd\] username and password_file/s], [tag, /does not accept the user since.*User name or password are wrong/s]] },
    'the broker refuses the topic': { finds: [[live, /boiler-7: the broker refuses the topic \(plant\/boiler-7\/telemetry\).*broker's access rules/s], [tag, /The broker refuses the topic.*repeated each minute.*Ends here: the broker refuses the topic/s]] },
    'the device is disabled': { finds: [[live, /3 tags are switched off: messages for them are not read/], ['#/live?reason=disabled', /supply_temperature.*switched off/s], [tag, /switched off here.*Switch it on: edit the tag, or enable the device.*Ends here: the tag or its device is switched off/s]] },
    'no message arrives on the topic': { finds: [[live, /boiler-7: no message yet on plant\/boiler_7\/telemetry.*publishes.*capital letters matter/s], [tag, /No message has had a value.*exactly this topic\? Capital letters matter.*Ends here: no message/s], ['#/messages?device=boiler-7', /Nothing has come for boiler-7.*capital letters matter/s]] },
    'the device is silent': { finds: [[live, /boiler-7: no message for too long.*has power and network/s], [tag, /No live message for longer.*Look at the device and its network.*Ends here: no live message has come for too long/s]] },
    'the device reports itself unavailable': { finds: [[live, /boiler-7: the device says that it is not available\s+3 tags.*check its power and network/s], [tag, /says on its availability topic that it is not available.*Ends here: the device says that it is not available/s]] },
    'the messages are not JSON': { finds: [[live, /boiler-7: the payload is not valid JSON \(rubbish\).*Correct the device/s], [tag, /newest message of the device is not JSON.*Ends here: the payload is not valid JSON \(rubbish\)/s], ['#/messages?device=boiler-7', /not JSON/]] },
    'the key is missing': { again: { Supply_Temperature: 72 }, finds: [[tag, /Newer messages of the device do not have this value.*Ends here: the message does not have this key. It has: Supply_Temperature\. Capital letters matter/s], ['#/messages?device=boiler-7', 'no tag found its key']] },
    'the value is refused': { finds: [[live, /boiler-7\/supply_temperature: the value is not a number \(hot\).*set the value map/s], [tag, /newest value was refused. The register keeps the one before.*Ends here: the value is not a number \(hot\)/s], ['#/messages?device=boiler-7', /1 refused: the value is not a number \(supply_temperature\)/]] },
    "the device's clock was set back": { finds: [[live, /boiler-7: the newest message is older than one before.*Check the clock of the device/s], [tag, /newest message is older.*Check the device's clock.*Ends here: by its time stamp/s], ['#/messages?device=boiler-7', /\bold\b/]] },
    'the tag was changed': { finds: [[tag, /Newest changes.*modbus.byte_order ABCD → CDAB/s], ['#/changes?device=boiler-7', /byte.order.*CDAB/si]] },
    'the byte order is wrong': { finds: [[tag, /SCADA shows\s+Cause\s+2\.387\d*e-41\s+byte order ABCD in the client, CDAB here/s]] },
    'the scale is wrong': { finds: [[tag, /\n715\s+no scale in the client: value = register × 0\.1/s]] },
    "the device's own Modbus server is unreachable": { finds: [[live, /boiler-7: the Modbus server does not answer \(127\.0\.0\.1:1[^)]*\)\s+2 tags.*Check the server, and the network settings/s], [tag, /own Modbus server does not take the value.*The value is kept and written later.*Ends here: the Modbus server does not answer/s]] },
    'one unit behind a foreign server does not answer': { finds: [[live, /boiler-7: the Modbus server does not answer \([\d.:]+, unit 2: no answer/], [tag, /unit 2: no answer.*power, address and port|power, address and port.*unit 2: no answer/s]] },
    'a client speaks RTU over TCP': { finds: [['#/scada', /sends Modbus RTU over TCP instead of Modbus TCP.*Set the client to Modbus TCP/s], ['#/system', /The Modbus client 127\.0\.0\.1 was refused or closed at \d.*does not speak Modbus TCP.*not RTU over TCP/s]] },
    'the disk is full': { finds: [['#/devices/boiler-7', 'supply_temperature']], then: refuseChange },
};

// A change on a full disk says so, and changes nothing.
async function refuseChange(page) {
    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click();
    await expectText(page.locator('body'), /Not done: .*disk is full/);
}

test('each fault of the document has its place on the page', () => {
    assert.deepEqual(rowsOf('| fault |').sort(), Object.keys(faults).sort());
});

for (const [fault, { before, again, finds: places, then }] of Object.entries(faults)) {
    test(`found on the page: ${fault}`, async () => {
        await plant.renew();
        let page = before ? await open('#/live') : null;
        if (page) await expectText(page.locator('.state'), 'running');
        await call('cause_fault', { name: fault });
        page ??= await open(live);
        if (again) {
            await go(page, places[0][0]);
            await eventually(async () => {
                await call('publish', { topic: 'plant/boiler-7/telemetry', payload: again });
                return places[0][1].test(await main(page).innerText());
            }, 'the words after more messages');
        }
        await finds(page, places);
        await then?.(page);
    });
}

// ---------------------------------------------------------------- What messages have, all wrong at once

const base64 = (hex) => ({ base64: Buffer.from(hex, 'hex').toString('base64') });

// By code: the tag, what is published, the words of the cause and of what to do.
const payloads = {
    invalid_json: [{}, '{"v": nan}', 'the payload is not valid JSON (nan})', 'JSON has no nan'],
    not_a_number: [{ modbus: { type: 'float32' } }, { v: 'hot' }, 'the value is not a number (hot)', 'value map'],
    unmapped_string: [{ mqtt: { values: { off: 0, on: 1 } }, modbus: { type: 'uint16' } }, { v: 'auto' }, 'the word is not in the value map (auto)', 'Add the word'],
    no_match: [{ mqtt: { pattern: '([0-9]+) bar' }, modbus: { type: 'uint16' } }, { v: 'none' }, 'the pattern does not match the text (none)', 'Change the pattern'],
    null_value: [{ modbus: { type: 'uint16' } }, { v: null }, 'the value is null', 'the register keeps its value'],
    out_of_range: [{ modbus: { type: 'uint16' } }, { v: 70000 }, 'the number does not fit into the type (70000)', 'another type or scale'],
    inexact_integer: [{ modbus: { type: 'int64' } }, '{"v": 9007199254740993}', 'the integer is too large to be exact', 'as a text'],
    not_a_string: [{ modbus: { type: 'string', length: 4 } }, { v: [1] }, 'the value is no text', 'another key'],
    invalid_sparkplug: [{ mqtt: { payload: 'sparkplug' } }, base64('ffffff'), 'the payload is not Sparkplug B', 'Correct the device'],
    no_birth: [{ mqtt: { payload: 'sparkplug' } }, base64('08b8cbd5f4c13012091001200965 0000ac41'.replace(' ', '')), 'aliases without a birth', 'NCMD'],
    bad_quality: [{ mqtt: { quality_key: './q' } }, { v: 1, q: false }, 'the device says that the value is not good', 'quality key'],
    too_long: [{ modbus: { type: 'string', length: 2 } }, { v: 'much too long' }, 'the text is longer than the registers', 'Raise the length'],
    too_large: [{}, `{"v": ${' '.repeat(70000)}1}`, 'the message or the text is too long', 'max_payload'],
};
// These are of the whole message, not of a value in it.
const wholeMessages = { invalid_json: 'Not JSON', invalid_sparkplug: 'Not Sparkplug', no_birth: 'No birth', too_large: 'Too large' };
const topicOf = (code) => (['no_birth', 'invalid_sparkplug'].includes(code) ? `spBv1.0/g/DDATA/n/${code}` : `code/${code}`);

test('each code of a payload: Live, Messages and the tag', async () => {
    // not_bcd is of registers that a client has written: test_types.py.
    assert.deepEqual(codesOf('| code |').sort(), [...Object.keys(payloads), 'not_bcd'].sort());
    await plant.renew();
    for (const [code, [members]] of Object.entries(payloads)) {
        await api('PUT', `/devices/${code}`, { mqtt: { topic: topicOf(code) } });
        await api('PUT', `/devices/${code}/tags/v`, { ...members, mqtt: { ...members.mqtt, key: code === 'no_birth' ? 'temp' : members.mqtt?.quality_key ? '/v' : 'v' } });
    }
    await call('served');
    for (const [code, [, payload]] of Object.entries(payloads)) await call('publish', { topic: topicOf(code), payload });
    const page = await open(live);
    await expectText(main(page), 'Only what is wrong');
    await each(payloads, async (code, [, , cause, remedy]) => {
        const short = cause.split(' (')[0];
        await go(page, `${live}&device=${code}`);
        await expectText(main(page).locator('.causes'), short);
        await go(page, `#/tags/${code}/v`);
        for (const words of [cause, remedy, 'Ends here']) await expectText(main(page), words);
        await go(page, `#/messages?device=${code}`);
        await page.locator('main [role=row]', { hasText: topicOf(code) }).first().click();
        await expectText(page.locator('.detail'), wholeMessages[code] ?? short);
        await expectText(page.locator('.detail .remedy'), /\w/);
    });
});

const formats = {
    sparkplug: ['0880d095ffbc3112140a0474656d701880d095ffbc3120096500 00ac411803'.replace(' ', ''), 'set the payload of the tags to sparkplug'],
    gzip: ['1f8b0800000000000203ab562a49cd2d50b25232d433d5510a4b2c4acc2d50aa0500', 'switch the compression off'],
    zlib: ['789cab562a49cd2d50b25232d433d551ca4c51b2524a54aa05004991060f', 'switch the compression off'],
    zstd: ['28b52ffd045869000 07b2274656d70223a32312e357db031ceb5'.replace(' ', ''), 'switch the compression off'],
    cbor: ['a16474656d70fb4035800000000000', 'let the device send JSON'],
    msgpack: ['81a474656d70ca41ac0000', 'let the device send JSON'],
    protobuf: ['0a0708431203010203 12084c6f6e67466173741a0921613162326333 6434'.replaceAll(' ', ''), 'let the device send JSON'],
    nul_terminated: ['32312e3500', 'set the payload of the tag to text'],
    utf16: ['32003100', 'let the device send UTF-8'],
    latin1: ['32312e3520b043', 'let the device send UTF-8'],
    jpeg: ['ffd8ffe000104a4649460001', 'choose another topic'],
    png: ['89504e470d0a1a0a0000000d49484452', 'choose another topic'],
    null: ['001700ff', 'raw numbers, or encrypted'],
};

test('each format of a payload that is not text: the message and the tag', async () => {
    assert.deepEqual(codesOf('| `looks_like` |').sort(), Object.keys(formats).sort());
    await plant.renew();
    for (const name of Object.keys(formats)) {
        await api('PUT', `/devices/${name}`, { mqtt: { topic: name === 'sparkplug' ? 'spBv1.0/g/DDATA/n/d' : `format/${name}` } });
        await api('PUT', `/devices/${name}/tags/v`, {});
    }
    await call('served');
    for (const [name, [hex]] of Object.entries(formats)) await call('publish', { topic: name === 'sparkplug' ? 'spBv1.0/g/DDATA/n/d' : `format/${name}`, payload: base64(hex) });
    const page = await open('#/messages');
    await each(formats, async (name, [, remedy]) => {
        await go(page, `#/messages?device=${name}`);
        await page.locator('main [role=row]', { hasText: name === 'sparkplug' ? 'spBv1.0' : `format/${name}` }).first().click();
        await expectText(page.locator('.detail'), new RegExp(remedy, 'i'));
        await go(page, `#/tags/${name}/v`);
        await expectText(main(page), new RegExp(`Ends here: .*${name === 'null' ? 'not valid JSON' : remedy}`, 'is'));
    });
});

test('each outcome of a message', async () => {
    await plant.renew();
    await addDevice('line', 'plant/line', [{ name: 'a' }, { name: 'b' }, { name: 'set', direction: 'both', mqtt: { command_topic: 'plant/line/set', hold_off_ms: 60000 }, modbus: { table: 'holding_register', address: 50, type: 'uint16' } }], { mqtt: { availability_topic: 'plant/line/state', timestamp_key: 'time' } });
    await addDevice('first', 'plant/shared', [{ name: 'v' }], { mqtt: { where: { id: 37 } } });
    await addDevice('spark', 'spBv1.0/g/DDATA/n/d', [{ name: 'v', mqtt: { payload: 'sparkplug' } }]);
    const now = Math.floor(Date.now() / 1000);
    await publishUntil('plant/line', { a: 1, b: 2, time: now }, 'line', 'a');
    await call('write', { address: 50, registers: [7] });
    const outcomes = [
        ['taken', 'plant/line', { c: 1, time: now }, 'no tag found its key', /2 tags|3 tags|found no value/, /Capital letters matter/],
        ['availability', 'plant/line/state', 'offline', 'availability of the device', /newest of those on this topic counts/],
        ['unknown_availability', 'plant/line/state', 'asleep', 'unknown availability', /neither of the two payloads/, /Correct the payloads for available and unavailable/],
        ['held', 'plant/line', { set: 1, time: now }, 'held', /newer value: from SCADA a moment ago/],
        ['old', 'plant/line', { a: 1, time: now - 3600 }, 'old', /older than an earlier one/, /Check the clock of the device/],
        ['not_selected', 'plant/shared', { id: '37', v: 1 }, 'not selected', /does not fit the conditions/, /37 and "37" are different/],
        ['not_sparkplug', 'spBv1.0/g/DDATA/n/d', 'ÿÿÿ', 'not Sparkplug', /no payload of Sparkplug B/, /Correct the device/],
        ['not_json', 'plant/line', '', 'not JSON', /empty or is not valid JSON/, /Correct the device/],
        ['too_large', 'plant/line', ' '.repeat(70000), 'too large', /longer than max_payload/, /smaller messages/],
    ];
    const page = await open('#/messages');
    await each(outcomes, async (_, [, topic, payload, line, ...words]) => {
        await go(page, `#/messages?topic=${encodeURIComponent(topic)}`);
        await expectCount(page.getByRole('searchbox', { name: 'Topic' }), 1);
        await call('publish', { topic, payload });
        const row = page.locator('main [role=row]', { hasText: line }).first();
        await row.click();
        for (const pattern of words) await expectText(page.locator('.detail'), pattern);
        await page.keyboard.press('Escape');
    });
});

// ---------------------------------------------------------------- What the broker does not grant

const subscriptionCodes = {
    subscription_disconnected: ['forbidden/x', 'the broker closes the connection after the subscription', "access rules and limits, or the topic"],
    shared_subscriptions_unavailable: ['$share/g/a', 'the broker has no shared subscriptions', 'another topic'],
    wildcard_subscriptions_unavailable: ['wild/+', 'the broker has no wildcards', 'without + and #'],
    topic_too_long: ['x'.repeat(100), 'longer than the broker permits', 'a shorter topic'],
    subscription_unanswered: ['silent/x', 'has not answered the subscription', "broker's log"],
};

test('each thing that a broker does not grant', async () => {
    const codes = Object.keys(subscriptionCodes);
    for (const code of codes) assert.ok(document_.includes(`"${code}"`), code);
    plant.follow(await call('renew_with_odd_broker', { topics: codes.map((code) => subscriptionCodes[code][0]) }));
    await each(codes.map((code) => [code]), async (number, [code]) => {
        const [, cause, remedy] = subscriptionCodes[code];
        await eventually(async () => (await api('GET', `/devices/d${number}/status`)).last_error?.code === code, code);
        const page = await open(`${live}&device=d${number}`);
        await expectText(main(page).locator('.causes'), cause);
        await go(page, `#/tags/d${number}/v`);
        for (const words of [cause, remedy]) await expectText(main(page), words);
    });
});

// ---------------------------------------------------------------- SCADA's side

const sockets = [];
after(() => sockets.forEach((socket) => socket.destroy()));

async function connectFrom(localAddress) {
    const socket = connect({ host: '127.0.0.1', port: Number(plant.modbus.split(':')[1]), localAddress });
    sockets.push(socket);
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
}

async function ask(socket, unit, ...pdu) {
    socket.write(Buffer.from([0, 1, 0, 0, 0, pdu.length + 1, unit, ...pdu]));
    await Promise.race([once(socket, 'data'), once(socket, 'close')]);
}

test('what SCADA gets instead of values', async () => {
    await plant.renew({ modbusd: { 'modbusd.allow': '127.0.0.1 rw, 127.0.0.3 ro' } });
    const page = await open('#/scada');
    const rows = [
        ['exception 2', '127.0.0.1', (socket) => ask(socket, 1, 3, 0xff, 0xff, 0, 2), /exception 2: address beyond the table.*goes beyond 65535/s],
        ['exception 11', '127.0.0.1', (socket) => ask(socket, 9, 3, 0, 0, 0, 1), /exception 11: unknown unit.*\[common\] units/s],
        ['exception 1 on writes', '127.0.0.3', (socket) => ask(socket, 1, 6, 0, 1, 0, 1), /exception 1: .*writing not permitted.*allow rule with "ro"/s],
        ['exception 3 on writes', '127.0.0.1', (socket) => ask(socket, 1, 16, 0, 0, 0, 124, 248, ...new Array(248).fill(0)), /exception 3: wrong request.*123 registers.*smaller block/s],
    ];
    await each(rows, async (_, [, from, act, words]) => {
        const socket = await connectFrom(from);
        await act(socket);
        const address = `${from}:${socket.localPort}`;
        await go(page, '#/scada');
        await expectText(page.getByRole('row').filter({ hasText: address }), words);
        await go(page, '#/system');
        await expectText(page.locator('.attention'), new RegExp(`${address} gets ${words.source.split(/:|\.\*/)[0]}`));
        socket.destroy();
    });
    await each({ TLS: '16030102000100', HTTP: Buffer.from('GET / HTTP/1.1\r\n\r\n').toString('hex') }, async (name, bytes) => {
        const socket = await connectFrom('127.0.0.1');
        socket.write(Buffer.from(bytes, 'hex'));
        await once(socket, 'close');
        await go(page, '#/scada');
        await expectText(page.getByRole('table', { name: 'Refused clients' }), new RegExp(`sends ${name} instead of Modbus TCP.*tls_listen`, 's'));
    });
    const stranger = await connectFrom('127.0.0.2');
    if (!stranger.closed) await once(stranger, 'close');
    await expectText(page.getByRole('table', { name: 'Refused clients' }), /127\.0\.0\.2.*No access rule permits its address.*\[modbusd\] allow/s);
    await checkAccess(page);
});

test("SCADA's writes that have no effect", async () => {
    await plant.renew();
    await addDevice('plain', 'plant/plain', [{ name: 'in', modbus: { table: 'holding_register', address: 10, type: 'uint16' } }]);
    await addDevice('out', 'plant/out', [{ name: 'mode', direction: 'to_mqtt', mqtt: { command_topic: 'plant/out/set', values: { off: 0, on: 1 } }, modbus: { table: 'holding_register', address: 20, type: 'uint16' } }]);
    await publishUntil('plant/plain', { in: 5 }, 'plain', 'in');
    await eventually(async () => (await call('read', { table: 'holding_register', address: 10 }))[0] === 5, 'the value');
    await call('write', { address: 10, registers: [6] });
    await call('write', { address: 20, registers: [9] });
    const page = await open('#/tags/plain/in');
    await expectText(main(page), /The register has something else than the newest message.*every SCADA client can write this table/s);
    await go(page, '#/tags/out/mode');
    await expectText(main(page), /no word of the value map has this number.*Add an entry with this number/s);
});

// ---------------------------------------------------------------- Other symptoms

test('a tag that was broken in the store by hand is named', async () => {
    await plant.renew();
    await addDevice('plain', 'plant/plain', [{ name: 'in' }, { name: 'mode' }]);
    await call('break_tag', { device: 'plain', tag: 'in' });
    const page = await open('#/live');
    await expectText(page.getByRole('alert'), /store is unavailable now: .*int24/);
});

test('a name that the server does not know', async () => {
    const page = await plant.openPage('', { expect: [...lost, /request to/], at: plant.url.replace('127.0.0.1', 'plant.localhost') });
    await expectText(page.locator('body'), /name that this server does not know/);
});

test('a proxy that changes the name: values are shown, a change says why it is refused', async () => {
    await plant.renew();
    await addDevice('boiler', 'plant/boiler', [{ name: 'temp' }]);
    const { port, hostname } = new URL(plant.url);
    const proxy = createServer((ask_, answer) => {
        // A browser says where a request comes from only to loopback and over TLS.
        const { 'sec-fetch-site': _, ...headers } = ask_.headers;
        const to = request({ host: hostname, port, path: ask_.url, method: ask_.method, headers: { ...headers, host: `${hostname}:${port}` } }, (got) => {
            answer.writeHead(got.statusCode, got.headers);
            got.pipe(answer);
        });
        to.on('error', () => answer.destroy());
        ask_.pipe(to);
        answer.on('close', () => to.destroy());
    });
    await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    after(() => (proxy.closeAllConnections(), proxy.close()));
    const page = await plant.openPage('#/devices/boiler', { expect: [...lost, /request to/], at: `http://127.0.0.1:${proxy.address().port}/` });
    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click();
    await expectText(page.locator('body'), /Not done: .*Only pages of this server.*pass the header Host on/);
});

// Where each is found: a test of this file or another, or why the page cannot know it. By the beginning of its row.
const symptoms = {
    'a service is `failed`, exit status 2': 'tagferry-… is down: the page names systemctl status and journalctl',
    'a service is `failed`, exit status 3, `cannot listen on …: Address already in use`': 'the same',
    'a service is `failed`, exit status 3, `cannot listen on …: Permission denied`': 'the same',
    "mqttd's `Status:` line shows *waiting for the broker*": 'the broker is down',
    'mqttd connects and is disconnected repeatedly': 'each reason has words',
    'SCADA gets exception 2': 'what SCADA gets instead of values',
    'SCADA gets exception 11 (0x0B)': 'the same',
    'SCADA gets exception 1': 'the same',
    'SCADA gets exception 3 on writes': 'the same',
    'SCADA gets no answer or is disconnected; the log: `sends Modbus RTU over TCP instead of Modbus TCP`': 'a client speaks RTU over TCP',
    'SCADA gets no answer or is disconnected; the log: `sends TLS instead of Modbus TCP`, `sends HTTP instead of Modbus TCP` or another': 'what SCADA gets instead of values',
    'a TLS master is disconnected; the log: `it sent no client certificate`, `its certificate … is not signed by a CA in tls_client_ca`, `has expired`': 'the refused clients of SCADA name the reason and the detail; test_modbusd_tls.py',
    'a TLS master is disconnected; the log: `it ended the handshake: Unknown CA` or `Bad certificate`': 'the same',
    'a TLS master is disconnected; the log: `the handshake failed`, `it does not use TLS`': 'the same',
    'a master on a serial line gets no answer': 'not on the page: the log and the counters of the line say why',
    'the log: `serial line: … it is tried again until it can be opened`': 'not on the page: the log says why',
    'SCADA is disconnected at once': 'the same',
    'SCADA is disconnected at once behind a proxy; the log: `is in proxy_protocol_from but sends no PROXY header`': 'not on the page: the log names the setting',
    'SCADA is disconnected at once behind a proxy; the log: `sends a header of the PROXY protocol instead of Modbus TCP`': 'not on the page: the log names the setting',
    "SCADA's writes have no effect": "SCADA's writes that have no effect",
    "a write of SCADA has no effect, and the tag's `last_error` is `unmapped_number`, `not_a_number`, `out_of_range` or `not_a_string`": 'the same',
    "SCADA's writes have no effect for any tag": 'not on the page: only the log of tagferry-mqttd knows why it cannot read the journal',
    'in a pair, a write of SCADA has no effect, and the log says that another gateway `has a newer one`': 'not on the page: only the log of tagferry-mqttd names the tag',
    'in a pair, the log: `setpoints are not mirrored`': 'not on the page: the log says why',
    'a command is published twice': 'not on the page: nobody knows but the device',
    "`the tag … is not served: it has the unknown setting '…'`": 'a tag that was broken in the store by hand',
    '`/dev/ttyUSB0: another program uses this line`': 'not on the page: the log says why',
    "`/dev/ttyUSB0: the daemon's user has no right to it`, `No such file or directory` although it is there": 'not on the page: the log says why',
    '`TLS: its certificate …` in `last_error`: not signed by a CA, expired, for another name or purpose, weak, revoked': 'the tag shows its last error',
    '`TLS: it demands a client certificate`, `it refused the certificate in modbus_tls_certificate` in `last_error`': 'the tag shows its last error',
    '`TLS: it does not answer the handshake`, `it closed the connection in the handshake`, `it does not use TLS on this port` in `last_error`': 'the tag shows its last error',
    '`the answer has a wrong CRC` in `last_error`': 'the tag shows its last error',
    'the API answers 503': 'the disk is full; tagferry-modbusd is down',
    'the API closes connections': 'System counts them, with their reasons',
    'the dashboard answers 403 `a name that this server does not know`': 'a name that the server does not know',
    'the dashboard shows values but changes are answered with 403 `Only pages of this server`': 'a proxy that changes the name',
    "the dashboard's values come late or stop behind a proxy": 'frame: silence counts as lost, too',
    '`/` answers 404 `built without the dashboard`': 'not on the page: there is none',
    'all values are 0 after an update of the host': 'Live: no message has had these values yet, or they are stale',
};

test('each other symptom of the document is found, or cannot be known', () => {
    assert.deepEqual(rowsOf('| symptom |').sort(), Object.keys(symptoms).sort());
});

test('each reason has words', () => {
    const words = ['reasons', 'errors', 'outcomes', 'part_reasons'].map((name) => readFileSync(new URL(`../../src/common/words/${name}.json`, import.meta.url), 'utf8')).join('\n');
    const operations = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const connection = [...operations.split('## The connection to the broker')[1].split('\n## ')[0].matchAll(/^\| `(\w+)` \|/gm)].map((found) => found[1]);
    assert.ok(connection.length > 10);
    const missing = [...codesOf('| `reason` |'), ...connection].filter((code) => !words.includes(`"${code}": `));
    assert.deepEqual(missing, []);
});
