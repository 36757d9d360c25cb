// A tag: value, what to do for each cause, history, the way from the message to the register, writing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addDevice, api, call, checkAccess, eventually, expectCount, expectGone, expectText, hostileTexts, publishUntil, startPlant } from './harness.mjs';

const plant = await startPlant();
const topic = 'plant/boiler';
await addDevice('boiler', topic, [
    { name: 'temp', label: 'Supply temperature', unit: '°C', modbus: { table: 'input_register', type: 'int16', scale: 0.1, address: 100 } },
    { name: 'flow', unit: 'm³/h', mqtt: { key: '/sums/flow' }, modbus: { type: 'float32', byte_order: 'CDAB', address: 10 } },
    { name: 'mode', mqtt: { values: { off: 0, auto: 1, hand: 2 } }, modbus: { type: 'uint16', address: 20 } },
    { name: 'text', mqtt: { pattern: '([0-9,]+) bar', number: 'decimal_comma' }, modbus: { type: 'float32', address: 30 } },
    { name: 'small', modbus: { type: 'uint16', address: 40 } },
    { name: 'big', modbus: { type: 'int64', address: 50 } },
    { name: 'burner', modbus: { table: 'discrete_input', address: 3 } },
    { name: 'state', modbus: { type: 'string', length: 8, address: 60 } },
    { name: 'setpoint', unit: '°C', direction: 'both', mqtt: { command_topic: 'plant/boiler/set' }, modbus: { type: 'int16', scale: 0.1, address: 200 } },
    { name: 'absent' },
    { name: 'checked', mqtt: { key: '/checked/v', quality_key: './q' }, modbus: { type: 'int16', address: 70 } },
], { label: 'House boiler' });
const message = { temp: 71.46, sums: { flow: 2.5 }, mode: 'auto', text: '3,5 bar', small: 7, big: 12, burner: true, state: 'on', setpoint: 65, checked: { v: 1, q: true } };
await publishUntil(topic, message, 'boiler', 'temp');

const chain = (page) => page.locator('.chain');
const step = (page, title) => page.locator('.chain > li').filter({ has: page.locator('h3', { hasText: title }) });
const open = async (tag, options, device = 'boiler') => {
    const page = await plant.openPage(`#/tags/${encodeURIComponent(device)}/${encodeURIComponent(tag)}`, options);
    await expectText(page.locator('h1'), tag.slice(0, 10));
    return page;
};

test('the head, both addresses and the raw registers', async () => {
    const page = await open('temp');
    await expectText(page.locator('.reading'), /71\.5\s*°C\s*good\s*received/);
    await expectText(page.locator('.tag-head'), 'House boiler');
    await expectText(page.locator('.card', { hasText: 'Addresses' }), /plant\/boiler.*input register 100 \(0-based\), 300101 \(Modicon\).*02cb = 715/s);
    await expectGone(page.getByRole('alert'));
});

test('the chain has each step and what it gave', async () => {
    let page = await open('temp');
    await expectText(page.locator('.chain mark'), '"temp": 71.46');
    await expectText(step(page, 'Number, decimal'), '71.46');
    await expectText(step(page, 'Scale and offset'), '(71.46 − 0) / 0.1 = 714.6');
    await expectText(step(page, 'Type int16'), '715 (rounded)');
    await expectText(step(page, 'Register word'), '02cb');
    await expectText(step(page, 'Register input register 100'), '71.5');
    await expectText(step(page, 'Modbus server'), 'written');
    await expectCount(page.locator('.chain .bad'), 0);
    page = await open('flow');
    await expectText(page.locator('.chain mark'), '"flow": 2.5');
    await expectText(step(page, 'Byte order CDAB'), '0000 4020');
    page = await open('mode');
    await expectText(step(page, 'Value map'), 'auto = 1');
    page = await open('text');
    await expectText(step(page, 'Pattern'), '3,5');
    await expectText(step(page, 'decimal comma'), '3.5');
    page = await open('checked');
    await expectText(step(page, 'Quality key'), 'good');
});

test('the chain of a long message: complete up to 1,023 bytes, and what is known beyond', async () => {
    await publishUntil(topic, { filler: 'x'.repeat(700), ...message }, 'boiler', 'text');
    let page = await open('text');
    await expectText(step(page, 'Pattern'), '3,5');
    await expectText(page.locator('.chain mark'), '"text": "3,5 bar"');
    await expectGone(page.getByText('bytes of a message are kept'));
    await publishUntil(topic, { temp: 71.46, filler: 'x'.repeat(1100), ...message, text: '4,5 bar' }, 'boiler', 'text');
    page = await open('temp');
    await expectText(page.locator('.chain mark'), '"temp": 71.46');
    await expectText(step(page, 'Type int16'), '715');
    await expectText(step(page, 'Message'), 'Only the first 1,023 bytes of a message are kept');
    page = await open('text');
    await expectText(step(page, 'Message'), 'Only the first 1,023 bytes of a message are kept');
    await expectText(step(page, 'Key'), 'look here');
    await publishUntil(topic, message, 'boiler', 'temp');
});

test('the chain marks the byte at which a message is not JSON', async () => {
    const page = await open('temp');
    await call('publish', { topic, payload: `{"filler": "${'x'.repeat(700)}", "temp": unknown}` });
    await expectText(page.locator('.chain .payload.wrong mark'), 'unknown');
    await checkAccess(page);
    await publishUntil(topic, message, 'boiler', 'temp');
});

// Each cause: what is published, and the words that the page must have for it.
const causes = [
    ['text under the key', 'small', { ...message, small: 'hot' }, ['refused', 'the value is not a number', 'hot', 'value map', 'Ends here']],
    ['a number beyond the type', 'small', { ...message, small: 70000 }, ['refused', 'does not fit into the type', 'another type or scale']],
    ['a word that is not in the map', 'mode', { ...message, mode: 'summer' }, ['the word is not in the value map', 'summer', 'Add the word']],
    ['a text that the pattern does not match', 'text', { ...message, text: 'none' }, ['the pattern does not match', 'Change the pattern']],
    ['null', 'small', { ...message, small: null }, ['the value is null', 'the register keeps its value']],
    ['an integer that is not exact', 'big', { ...message, big: 2 ** 60 }, ['too large to be exact', 'as a text']],
    ['a text that is too long', 'state', { ...message, state: 'x'.repeat(30) }, ['longer than the registers', 'Raise the length']],
    ['an object for a string', 'state', { ...message, state: {} }, ['the value is no text', 'another key']],
    ['a value that the device calls bad', 'checked', { ...message, checked: { v: 1, q: false } }, ['bad', 'the device says that the value is not good', 'quality key']],
    ['a key that is not there', 'absent', { temp: 71.46, sums: { flow: 2.5 } }, ['never', 'the message does not have this key', 'It has: temp, /sums/flow', 'change the key']],
    ['no JSON', 'temp', '{"temp": nan}', ['bad', 'not JSON', 'nan', 'payload of the tag to text']],
    ['gzip', 'temp', { base64: 'H4sIAAAAAAAA' }, ['not JSON', 'compressed data', 'Switch the compression off']],
];

for (const [name, tag, payload, words] of causes) {
    test(`the page finds the cause: ${name}`, async () => {
        const page = await open(tag);
        await eventually(async () => {
            await call('publish', { topic, payload });
            const text = await page.locator('main').innerText();
            return words.every((word) => text.includes(word)) || null;
        }, `the words ${words}`);
        await checkAccess(page);
        await publishUntil(topic, message, 'boiler', tag === 'absent' ? 'temp' : tag);
    });
}

test('no message on the topic, a device that is silent, unavailable or switched off', async () => {
    await addDevice('quiet', 'plant/nothing', [{ name: 'x' }]);
    let page = await open('x', {}, 'quiet');
    await expectText(page.locator('main'), /No message has had a value.*Ends here: no message/s);
    await addDevice('pump', 'plant/pump', [{ name: 'x' }], { mqtt: { stale_after_s: 1, availability_topic: 'plant/pump/status' } });
    await publishUntil('plant/pump', { x: 1 }, 'pump', 'x');
    page = await open('x', {}, 'pump');
    await expectText(page.locator('main'), /stale.*No live message for longer than/s);
    await call('publish', { topic: 'plant/pump/status', payload: 'offline' });
    await expectText(page.locator('main'), /bad.*says on its availability topic/s);
    await api('PATCH', '/devices/quiet/tags/x', { enabled: false });
    page = await open('x', {}, 'quiet');
    await expectText(page.locator('main'), /switched off here.*Switch it on/s);
});

test('a foreign server that does not answer', async () => {
    await addDevice('plc', 'plant/plc', [{ name: 'x', modbus: { address: 1 } }], { network: { modbus_host: '127.0.0.1', modbus_port: 9 } });
    await publishUntil('plant/plc', { x: 1 }, 'plc', 'x');
    const page = await open('x', {}, 'plc');
    await expectText(page.locator('main'), /own Modbus server does not take the value.*127\.0\.0\.1:9/s);
    await expectText(step(page, 'Modbus server 127.0.0.1:9'), /Ends here: the Modbus server does not answer/);
});

test('a part that is down', async () => {
    const page = await open('temp', { expect: [/503/] });
    await call('stop_part', { part: 'mqttd' });
    await expectText(page.locator('main'), /tagferry-mqttd does not run since \d.*systemctl.*Ends here: tagferry-mqttd does not run/s);
    await call('start_part', { part: 'mqttd' });
    await publishUntil(topic, message, 'boiler', 'temp');
    await expectText(page.locator('.reading'), 'good');
});

test('what SCADA shows when it reads in another way', async () => {
    const page = await open('flow');
    const card = page.locator('.card', { hasText: 'If SCADA shows' });
    await expectText(card, /byte order ABCD in the client, CDAB here/);
    await expectText(card, /type uint32 in the client/);
});

test('the chart, its ranges in the address, and events', async () => {
    const page = await open('temp');
    await expectCount(page.locator('.chart canvas'), 1);
    await page.getByRole('button', { name: '24 h' }).click();
    assert.match(await page.evaluate(() => location.hash), /range=24h/);
    await page.reload();
    await eventually(() => page.getByRole('button', { name: '24 h', pressed: true }).isVisible(), 'the range');
    await page.getByRole('button', { name: 'All' }).click();
    await expectCount(page.locator('.chart canvas'), 1);
    await page.locator('.chart-frame').hover();
    await call('publish', { topic, payload: { ...message, temp: 'hot' } });
    await expectText(page.locator('.events').first(), 'refused: the value is not a number');
    await publishUntil(topic, message, 'boiler', 'temp');
});

test('a text has a list of events, a bool a chart of steps', async () => {
    let page = await open('state');
    await expectText(page.locator('.reading'), 'on');
    await call('publish', { topic, payload: { ...message, state: 'standby' } });
    await expectText(page.locator('.history-card'), 'standby');
    await expectCount(page.locator('.chart'), 0);
    page = await open('burner');
    await expectText(page.locator('.reading'), 'true');
    await expectCount(page.locator('.chart canvas'), 1);
});

test('writes a value: Esc cancels, Enter writes, the value is read back', async () => {
    const page = await open('setpoint');
    await expectText(page.locator('.reading'), '65');
    await page.getByRole('button', { name: 'Write a value' }).click();
    const dialog = page.getByRole('dialog');
    await expectText(dialog, /boiler\/setpoint.*holding register 200, 400201.*A command goes out.*plant\/boiler\/set/s);
    await checkAccess(page);
    await page.keyboard.type('70.5');
    await expectText(dialog, '65 °C → 70.5 °C');
    await page.keyboard.press('Escape');
    await expectGone(dialog);
    assert.deepEqual(await call('read', { table: 'holding_register', address: 200 }), [650]);
    await page.getByRole('button', { name: 'Write a value' }).click();
    await page.keyboard.type('70.5'); // at once: no key is lost
    await expectText(dialog, '65 °C → 70.5 °C');
    await page.keyboard.press('Enter');
    await expectText(dialog, /was 65 °C\. Read back: 70\.5 °C/);
    await page.keyboard.press('Enter');
    await expectGone(dialog);
    assert.deepEqual(await call('read', { table: 'holding_register', address: 200 }), [705]);
});

test('a value that is refused keeps what was typed', async () => {
    const page = await open('small', { expect: [/Failed to load resource.*422/] });
    await page.getByRole('button', { name: 'Write a value' }).click();
    const field = page.getByLabel('New value');
    await field.fill('70000');
    await expectText(page.getByRole('dialog'), 'Only the register is overwritten, until the next message');
    await page.getByRole('button', { name: 'Write', exact: true }).click();
    await expectText(page.locator('.fault'), 'is not a value of type uint16');
    assert.equal(await field.inputValue(), '70000');
    await field.fill('1.4');
    await field.press('Enter');
    await expectText(page.getByRole('dialog'), /Read back: 1.*cannot hold it exactly/s);
});

test('words, booleans and texts are written as they are read', async () => {
    for (const [tag, text, table, address, words] of [['mode', 'hand', 'holding_register', 20, [2]], ['state', 'AB', 'holding_register', 60, [0x4142]]]) {
        const page = await open(tag);
        await page.getByRole('button', { name: 'Write a value' }).click();
        await page.getByLabel('New value').fill(text);
        await page.keyboard.press('Enter');
        await expectText(page.getByRole('dialog'), 'Read back');
        assert.deepEqual(await call('read', { table, address }), words);
    }
    const page = await open('burner');
    await page.getByRole('button', { name: 'Write a value' }).click();
    await page.getByLabel('New value').selectOption('false');
    await page.getByRole('button', { name: 'Write', exact: true }).click();
    await expectText(page.getByRole('dialog'), /was true\s*\. Read back: false/);
});

test('settings that were changed in the meantime stop a write', async () => {
    const page = await open('small', { expect: [/Failed to load resource/] });
    await page.getByRole('button', { name: 'Write a value' }).click();
    await page.getByLabel('New value').fill('5');
    await page.route('**/tags/small', (route) => route.abort()); // the page does not hear of the change
    await page.route('**/values/stream', (route) => route.abort());
    await api('PATCH', '/devices/boiler/tags/small', { description: 'changed' });
    await page.getByRole('button', { name: 'Write', exact: true }).click();
    await expectText(page.getByRole('dialog'), /were changed in the meantime|Read back/);
});

test('newest changes, with the way to all of them', async () => {
    await api('PATCH', '/devices/boiler/tags/temp', { unit: 'K' });
    const page = await open('temp');
    const card = page.locator('.card', { hasText: 'Newest changes' });
    await expectText(card, /changed.*unit "?°C"? → "?K"?/s);
    assert.equal(await card.getByRole('link', { name: 'All changes' }).getAttribute('href'), '#/changes?device=boiler&tag=temp');
    await api('PATCH', '/devices/boiler/tags/temp', { unit: '°C' });
    await expectText(page.locator('.reading'), '°C');
});

test('a tag that is not there, and one that is deleted while it is shown', async () => {
    const missing = { expect: [/Failed to load resource.*404/] };
    let page = await plant.openPage('#/tags/boiler/none', missing);
    await expectText(page.locator('main'), 'There is no such tag');
    await checkAccess(page);
    await api('PUT', '/devices/boiler/tags/gone', {});
    page = await open('gone', missing);
    await api('DELETE', '/devices/boiler/tags/gone');
    await expectText(page.locator('main'), 'There is no such tag');
});

test('hostile texts, light and dark, wide and narrow', async () => {
    const text = hostileTexts.join(' ');
    await api('PUT', '/devices/odd', { label: hostileTexts[0], mqtt: { topic: 'plant/odd' } });
    await api('PUT', '/devices/odd/tags/t', { label: text.slice(0, 120), description: text, unit: hostileTexts[0].slice(0, 16), mqtt: { key: hostileTexts[0] }, modbus: { type: 'string', length: 40 } });
    await call('served');
    await publishUntil('plant/odd', { [hostileTexts[0]]: hostileTexts[1], long: 'y'.repeat(60000) }, 'odd', 't');
    for (const options of [{}, { dark: true }, { width: 390 }, { width: 390, dark: true }]) {
        const page = await open('t', options, 'odd');
        await expectText(page.locator('.reading'), hostileTexts[1]);
        await expectText(chain(page), /60,\d\d\d bytes/);
        await checkAccess(page);
        const wide = await page.evaluate(() => document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth);
        assert.equal(wide, 0, 'nothing is wider than the page');
    }
});

test('a token that may only read sees all but the buttons', async () => {
    const token = await call('add_token', { name: 'wall', scope: 'read' });
    const page = await open('mode', { token });
    await expectText(step(page, 'Value map'), 'auto = 1');
    await expectGone(page.getByRole('button', { name: 'Write a value' }));
    await expectGone(page.getByRole('link', { name: 'Edit' }));
});
