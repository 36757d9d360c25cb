// Names, settings and messages that try to break the page: each screen shows them as text, does nothing of what
// they say, keeps its layout and stays quick.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addDevice, api, call, checkAccess, eventually, expectCount, expectGone, expectText, hostileTexts, publishUntil, startPlant } from './harness.mjs';

const plant = await startPlant();
const row = (page, text) => page.getByRole('row').filter({ hasText: text });

// Names that every object of JavaScript has.
const inherited = ['constructor', 'toString', 'hasOwnProperty', 'valueOf'];
const words = { ['__proto__']: 1, constructor: 2, toString: 3, '"><b>': 4 };
const wide = 'W'.repeat(128);
const topic = 'h/<img src=x onerror=console.error(1)>/%2e%2e/?q=1&b=\u202Egnirts';
const broken = '\u202E°C\n<b>';

await api('PUT', '/profiles/valueOf', {
    label: hostileTexts[0],
    params: { constructor: { default: 'x', description: hostileTexts[1] }, toString: { default: 5 }, valueOf: { default: true } },
    device: { mqtt: { topic: 'p/{constructor}/{toString}' } },
    tags: [{ name: 'constructor', unit: broken }],
});
await api('PUT', '/devices/of-profile', { profile: { name: 'valueOf', params: { toString: '7' } } });
await addDevice('constructor', topic, [
    { name: 'constructor', unit: broken, label: hostileTexts[0], description: hostileTexts.join('\n').repeat(10).slice(0, 1024) },
    { name: 'toString', label: wide, modbus: { type: 'float64' } },
    { name: 'hasOwnProperty', mqtt: { values: words }, direction: 'to_modbus', modbus: { table: 'holding_register' } },
    { name: 'text', modbus: { type: 'string', length: 123 } },
    { name: 'key', mqtt: { key: `/${hostileTexts[1].replaceAll('/', '~1')}/"q"` } },
    { name: 'small', modbus: { type: 'int16', table: 'holding_register' } },
    { name: 'big', modbus: { type: 'uint64' } },
    { name: 'pattern', mqtt: { key: 'text' } },
    { name: 'A'.repeat(64), unit: wide.slice(0, 32), mqtt: { key: 'x'.repeat(200) } },
], { label: hostileTexts[1].slice(0, 128), description: hostileTexts[0].repeat(20).slice(0, 1024) });
for (const name of inherited.slice(1)) await addDevice(name, `h/${name}`, [{ name: 'v' }, { name, modbus: { type: 'bool' } }], { label: wide });

const payloads = [
    { constructor: 1e308, toString: -1.7e308, hasOwnProperty: 'constructor', text: hostileTexts[0], small: 1e308, big: '18446744073709551615' },
    '{"constructor":-0,"toString":1.7e308,"hasOwnProperty":"__proto__","__proto__":{"polluted":true},"text":"\\ud800","small":9223372036854775808}',
    '{"constructor":null,"toString":NaN}',
    `{"text":"${'<img src=x onerror=console.error(6)>'.repeat(1800)}"}`,
    '['.repeat(1000) + ']'.repeat(1000),
    '['.repeat(60000),
    '{"a":'.repeat(1000) + '1' + '}'.repeat(1000),
    JSON.stringify(Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`key ${index} "${hostileTexts[index % hostileTexts.length]}`, index]))),
    '"NaN"', 'Infinity', '-0', '', '\u202Eabc',
    JSON.stringify({ [hostileTexts[1]]: { '"q"': 5 } }),
];
async function publishAll() {
    for (const payload of payloads) {
        await call('publish', { topic, payload });
        await call('publish', { topic: 'h/toString', payload });
    }
    for (const bytes of [[0xff, 0xfe, 0x00], [0x1f, 0x8b], [0xed, 0xa0, 0x80]]) await call('publish', { topic, payload: { base64: Buffer.from(bytes).toString('base64') } });
    await call('publish', { topic: 'p/x/7', payload: { constructor: 1 } });
}
await publishUntil(topic, payloads[0], 'constructor', 'text');
await publishAll();

// What a screen must not do with texts of others.
async function faultsOf(page) {
    await expectGone(page.locator('.loading'));
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
    return page.evaluate(() => {
        const main = document.querySelector('main');
        const typed = [...document.querySelectorAll('input, textarea')].map((one) => one.value + one.placeholder).join('\n');
        const text = document.body.innerText;
        const found = [];
        if (document.querySelector('img, b, #page script')) found.push('an element out of a text');
        if ('polluted' in {}) found.push('a polluted prototype');
        if (/has a fault|cannot be shown/.test(text)) found.push(text.slice(0, 500));
        if (/native code|\[object /.test(text + typed)) found.push('an inherited member');
        // Tables and payloads scroll in themselves, and other texts are cut with an ellipsis.
        const isClipped = (one) => one !== main && one !== null && (getComputedStyle(one).overflowX !== 'visible' || isClipped(one.parentElement));
        for (const one of document.querySelectorAll('main *'))
            if (one.getBoundingClientRect().right > innerWidth + 1 && !isClipped(one)) found.push(`too wide: ${one.outerHTML.slice(0, 200)}`);
        if (document.scrollingElement.scrollWidth > innerWidth) found.push('the page scrolls sideways');
        return main ? found.slice(0, 3) : ['no screen'];
    });
}

const places = ['live', 'live?show=wrong&q=constructor', 'live?sort=constructor&table=toString&show=valueOf', 'tags/constructor/constructor', 'tags/constructor/toString', 'tags/constructor/hasOwnProperty', 'tags/constructor/text', 'tags/constructor/key', 'tags/constructor/small',
    'tags/constructor/big', 'tags/constructor/pattern', `tags/constructor/${'A'.repeat(64)}`, 'tags/toString/toString', 'tags/valueOf/none', 'devices', 'devices/constructor', 'devices/constructor/edit', 'devices/constructor/tags/hasOwnProperty/edit', 'devices/constructor/tags/constructor/edit',
    'devices/constructor/new-tag', 'devices/of-profile', 'devices/of-profile/edit', 'devices/toString', 'devices/__proto__', 'new-device', 'profiles', 'profiles/valueOf', 'profiles/valueOf/edit', 'profiles/__proto__', 'learn', 'registers', 'registers?table=constructor', 'messages', 'messages?outcome=constructor&device=__proto__', 'changes', 'changes?device=constructor&tag=constructor', 'transfer', 'scada', 'system', 'constructor', '__proto__', 'toString/../..'];

// Visits all places with one page; answers with what is wrong on each.
async function visitAll(page) {
    const faults = [];
    for (const place of places) {
        await page.evaluate((hash) => (location.hash = hash), `#/${place}`);
        for (const fault of await faultsOf(page)) faults.push(`${place}: ${fault}`);
        if (process.env.TAGFERRY_SHOTS) await page.screenshot({ path: `${process.env.TAGFERRY_SHOTS}/${place.replace(/\W+/g, '_').slice(0, 60)}-${page.viewportSize().width}.png` });
    }
    return faults;
}

for (const width of [1280, 390])
    test(`each screen, ${width} wide`, async () => {
        const page = await plant.openPage('', { width, expect: [/status of 40[04]/] });
        await expectCount(row(page, 'A'.repeat(64)), 1);
        assert.deepEqual(await visitAll(page), []);
    });

test('the chart of the largest and smallest numbers', async () => {
    for (const [name, numbers] of [['toString', [1.7e308, -1.7e308, 5e-324, 1e-300, 0, 1.7e308]], ['constructor', [3.4e38, -3.4e38, 1e-45, 3.4e38]]]) {
        const page = await plant.openPage(`#/tags/constructor/${name}`);
        for (const number of numbers) {
            await call('publish', { topic, payload: `{"${name}": ${number}}` });
            await eventually(async () => (await api('GET', `/devices/constructor/tags/${name}/value`)).messages > 0, 'a value');
            await page.locator('canvas').first().waitFor();
            assert.deepEqual(await faultsOf(page), []);
        }
        await page.reload();
        await page.locator('canvas').first().waitFor();
        await page.mouse.move(900, 500);
        await page.mouse.move(700, 520);
        assert.deepEqual(await faultsOf(page), []);
        await page.context().close();
    }
});

test('words and parameters with the names of inherited members', async () => {
    const page = await plant.openPage('#/devices/constructor/tags/hasOwnProperty/edit');
    const word = (index) => page.getByLabel(`Word ${index}`, { exact: true });
    await word(1).waitFor();
    const names = [];
    for (let index = 1; index <= 4; index++) names.push(await word(index).inputValue());
    assert.deepEqual(names.sort(), Object.keys(words).sort());
    const at = async (name) => {
        for (let index = 1; ; index++) if ((await word(index).inputValue()) === name) return index;
    };
    await page.getByLabel(`Number ${await at('__proto__')}`, { exact: true }).fill('9');
    await page.getByRole('button', { name: `Remove row ${await at('constructor')}` }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await eventually(async () => {
        const text = (await call('api', { method: 'GET', path: '/devices/constructor/tags/hasOwnProperty' })).body;
        return text.includes('"__proto__":9') && !/"values":\{[^}]*"constructor"/.test(text);
    }, 'the words as they were typed');
    await expectGone(page.getByRole('button', { name: 'Save', exact: true })); // the form is left by itself

    await page.goto(`${plant.url}#/new-device`);
    await page.reload();
    await page.getByLabel('Profile', { exact: true }).selectOption('valueOf');
    for (const name of ['constructor', 'toString', 'valueOf']) assert.equal(await page.getByLabel(name, { exact: true }).inputValue(), '');
    assert.deepEqual(await faultsOf(page), []);
    await page.goto(`${plant.url}#/changes`);
    await expectText(page.locator('main'), 'constructor');
});

test('writing a word that is no word', async () => {
    const page = await plant.openPage('#/tags/constructor/hasOwnProperty', { expect: [/422/] });
    await page.getByRole('button', { name: 'Write a value' }).click();
    const field = page.getByRole('dialog').getByLabel('New value', { exact: true });
    await field.fill('valueOf');
    await field.press('Enter');
    await expectText(page.getByRole('dialog').locator('.fault, .note.wrong'), /./);
    await field.fill('toString');
    await field.press('Enter');
    await expectText(page.getByRole('dialog'), 'Read back: 3');
    await checkAccess(page);
});

test('Learn', async () => {
    const deep = Array.from({ length: 150 }, (_, index) => `l${index}`).join('/');
    for (const [at, payload] of [[`n/${deep}`, '{"a":1}'], ['n/{constructor}/{toString}', '{"__proto__":1,"constructor":2,"toString":"x"}'], ['n/deep', '{"a":'.repeat(1000) + '1' + '}'.repeat(1000)],
        ['n/keys', JSON.stringify(Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`key ${index} ${hostileTexts[index % hostileTexts.length]}`, index])))],
        ['n/text', JSON.stringify({ text: hostileTexts[0].repeat(1600) })], ['n/brackets', '['.repeat(60000)], [`n/${hostileTexts[0]}`, `{"\\ud800":1,"${'x'.repeat(2000)}":2,"v":1e308}`]])
        await call('publish', { topic: at, payload, retain: true });
    const { id } = await api('POST', '/discoveries', { topics: ['n/#'], seconds: 600 });
    await eventually(async () => (await api('GET', `/discoveries/${id}`)).total >= 7, 'the topics');
    for (const width of [1280, 390]) {
        const page = await plant.openPage(`#/learn/${id}`, { width, expect: [/status of 4/] });
        await page.getByRole('button', { name: /^Tick all/ }).waitFor();
        assert.deepEqual(await faultsOf(page), []);
        await page.getByRole('treegrid').focus();
        for (let line = 0; line < 8; line++) {
            await page.keyboard.press('ArrowDown'); // shows the details of the next row
            assert.deepEqual(await faultsOf(page), []);
        }
        await page.getByRole('button', { name: /^Tick all/ }).click();
        await page.getByRole('button', { name: /^Propose registers for/ }).click();
        await page.locator('.learn-save').waitFor();
        assert.deepEqual(await faultsOf(page), []);
        await page.context().close();
    }
});

test('a token that may only read is refused nowhere', async () => {
    const token = await call('add_token', { name: 'wall', scope: 'read' });
    const page = await plant.openPage('', { token, expect: [/status of 40[04]/] });
    await expectText(page.locator('.who'), 'read only');
    const refused = [];
    page.on('response', (answer) => [401, 403].includes(answer.status()) && refused.push(answer.url()));
    for (const place of places) {
        await page.evaluate((hash) => (location.hash = hash), `#/${place}`);
        await expectGone(page.locator('.loading'));
        const names = await page.locator('main').getByRole('button').allInnerTexts();
        const links = await page.locator('main a.button').allInnerTexts();
        for (const name of [...names, ...links]) if (/^(write|edit|delete|create|add|save$|import|undo|revert|switch|copy to|listen|forget|take)/i.test(name)) refused.push(`${place}: ${name}`);
    }
    assert.deepEqual(refused, []);
});
