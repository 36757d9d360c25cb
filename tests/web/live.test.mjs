// Live: filter, search and sorting in the address, keyboard, hostile texts, odd values, very many tags.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addDevice, api, call, checkAccess, eventually, expectCount, expectGone, expectText, hostileTexts, publishUntil, startPlant } from './harness.mjs';

const plant = await startPlant();
const rows = (page) => page.locator('.table-row');
const row = (page, tag) => rows(page).filter({ has: page.getByRole('link', { name: tag, exact: true }) });
const show = (page, name) => page.getByRole('group', { name: 'Filter by quality' }).getByRole('button', { name });
const hash = (page) => page.evaluate(() => location.hash);

// The names of the tags from top to bottom.
async function names(page) {
    return rows(page).evaluateAll((all) =>
        all.sort((a, b) => a.ariaRowIndex - b.ariaRowIndex || a.getAttribute('aria-rowindex') - b.getAttribute('aria-rowindex')).map((one) => one.querySelector('a').textContent));
}

async function expectNames(page, wanted) {
    await eventually(async () => JSON.stringify(await names(page)) === JSON.stringify(wanted), `the rows ${wanted}`).catch(async (error) => {
        error.message += `: ${await names(page)}`;
        throw error;
    });
}

test('an empty page offers to learn, to import and a device by hand', async () => {
    const page = await plant.openPage();
    await expectText(page.locator('main'), 'No tags yet');
    const links = await page.locator('main a').evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    assert.deepEqual(links, ['#/learn', '#/transfer', '#/profiles', '#/new-device']);
    await checkAccess(page);
});

test('filters by quality, device and table, and counts', async () => {
    await addDevice('boiler', 'plant/boiler', [
        { name: 'temp', label: 'Supply temperature', unit: '°C', modbus: { table: 'input_register', type: 'float32', address: 100 } },
        { name: 'level', modbus: { type: 'uint16', address: 7 } },
        { name: 'word', modbus: { type: 'int16' } },
        { name: 'off', enabled: false },
    ], { label: 'House boiler' });
    await addDevice('meter', 'plant/meter', [{ name: 'power', unit: 'W', description: 'Sum of all phases', mqtt: { key: '/sum/p' } }]);
    await publishUntil('plant/boiler', { temp: 71.5, level: 3, word: 'hot' }, 'boiler', 'temp');
    const page = await plant.openPage('#/live');
    await expectNames(page, ['level', 'off', 'temp', 'word', 'power']);
    await expectText(row(page, 'temp'), /71\.5 °C\s+good.*428f 0000.*input register 100\s+300101.*plant\/boiler\s+temp\s+to Modbus/s);
    await expectText(row(page, 'word'), /bad\s+value refused/);
    await expectText(show(page, 'Only what is wrong'), /2$/);
    await show(page, 'Only what is wrong').click();
    await expectNames(page, ['word', 'power']); // what is switched off is not wrong
    assert.equal(await hash(page), '#/live?show=wrong');
    await page.reload();
    await expectNames(page, ['word', 'power']);
    await show(page, 'Bad').click();
    await expectNames(page, ['word']);
    await show(page, 'Good').click();
    await expectNames(page, ['level', 'temp']);
    await show(page, 'All').click();
    await page.getByLabel('Device', { exact: true }).selectOption('meter');
    await expectNames(page, ['power']);
    await page.getByLabel('Device', { exact: true }).selectOption('');
    await page.getByLabel('Table', { exact: true }).selectOption('input_register');
    await expectNames(page, ['temp']);
    await show(page, 'Bad').click();
    await expectText(page.locator('main'), 'No tag matches');
    await page.getByRole('button', { name: 'Show all tags' }).click();
    await expectNames(page, ['level', 'off', 'temp', 'word', 'power']);
});

test('nothing wrong is said in words', async () => {
    const page = await plant.openPage('#/live?show=wrong');
    await expectText(row(page, 'word'), 'bad');
    await api('PATCH', '/devices/boiler/tags/word', { enabled: false });
    await api('PATCH', '/devices/meter', { enabled: false });
    await expectText(page.locator('main'), 'Nothing is wrong');
    await api('PATCH', '/devices/boiler/tags/word', { enabled: true });
    await api('PATCH', '/devices/meter', { enabled: true });
});

test('searches device, tag, label, description, topic, key and address', async () => {
    const page = await plant.openPage();
    const field = page.getByLabel('Search');
    for (const [text, wanted] of [
        ['HOUSE BOIL', ['level', 'off', 'temp', 'word']],
        ['supply', ['temp']],
        ['phases', ['power']],
        ['plant/meter', ['power']],
        ['/sum/p', ['power']],
        ['300101', ['temp']],
        ['holding register 7', ['level']],
        ['boiler temp', ['temp']],
    ]) {
        await field.fill(text);
        await expectNames(page, wanted);
    }
    assert.equal(new URLSearchParams((await hash(page)).split('?')[1]).get('q'), 'boiler temp');
    await page.reload();
    await expectNames(page, ['temp']);
    assert.equal(await field.inputValue(), 'boiler temp');
});

test('sorts by each column, both ways, and keeps it in the address', async () => {
    await publishUntil('plant/meter', { sum: { p: 1200 } }, 'meter', 'power');
    await publishUntil('plant/boiler', { temp: 71.5, level: 3 }, 'boiler', 'temp');
    const page = await plant.openPage('#/live');
    const head = (name) => page.getByRole('columnheader').getByRole('button', { name });
    await expectCount(rows(page), 5);
    for (const name of ['Tag', 'Value', 'Quality', 'Age', 'Raw', 'Register', 'Topic and key', 'Direction', 'Device']) {
        await head(name).click();
        await eventually(async () => (await page.locator('[aria-sort]').getAttribute('aria-sort')) === 'ascending', `${name} ascending`);
        const up = await names(page);
        await head(name).click();
        await eventually(async () => (await page.locator('[aria-sort]').getAttribute('aria-sort')) === 'descending', `${name} descending`);
        assert.equal((await names(page)).length, up.length);
    }
    await head('Value').click();
    await head('Value').click();
    await eventually(async () => (await names(page))[0] === 'power', 'the largest value first');
    assert.equal(await hash(page), '#/live?sort=-value');
    await page.reload();
    await eventually(async () => (await names(page))[0] === 'power', 'the largest value first, again');
});

test('rows stand still under the pointer, and move when it has left', async () => {
    const page = await plant.openPage('#/live?sort=-value&device=boiler');
    await eventually(async () => (await names(page))[0] === 'temp', 'the order before');
    await row(page, 'level').hover();
    await call('publish', { topic: 'plant/boiler', payload: { level: 5000 } });
    await expectText(row(page, 'level'), '5000');
    await expectText(page.locator('.foot'), 'The order stands still');
    assert.equal((await names(page))[0], 'temp');
    await page.getByLabel('Search').hover();
    await eventually(async () => (await names(page))[0] === 'level', 'the new order');
    await expectGone(page.locator('.foot', { hasText: 'stands still' }));
});

test('keyboard: selects, opens a tag, and comes back to the same row', async () => {
    const page = await plant.openPage('#/live?device=boiler');
    await expectCount(rows(page), 4);
    await page.getByRole('grid').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowUp');
    await expectText(page.locator('[aria-selected=true]'), 'temp');
    await call('publish', { topic: 'plant/boiler', payload: { temp: 72 } });
    await expectText(page.locator('[aria-selected=true]'), '72');
    await page.keyboard.press('Enter');
    await expectText(page.locator('h1'), 'temp');
    await page.goBack();
    await expectText(page.locator('[aria-selected=true]'), 'temp');
    assert.equal(await hash(page), '#/live?device=boiler');
});

test('hostile texts are shown as they are', async () => {
    await api('PUT', '/devices/hostile', { label: hostileTexts[0], description: hostileTexts[1], mqtt: { topic: 'plant/hostile' } });
    for (const [index, text] of hostileTexts.entries())
        await api('PUT', `/devices/hostile/tags/h${index}`, { label: text, description: text, unit: text.slice(0, 16), modbus: { type: 'string', length: 40, table: 'input_register' } });
    await call('served');
    const payload = Object.fromEntries(hostileTexts.map((text, index) => [`h${index}`, text]));
    await publishUntil('plant/hostile', payload, 'hostile', 'h0');
    for (const width of [1280, 390]) {
        const page = await plant.openPage('#/live?device=hostile', { width });
        await expectText(row(page, 'h0'), hostileTexts[0]);
        await expectText(row(page, 'h8'), hostileTexts[8]);
        await expectText(rows(page).first(), hostileTexts[0].slice(0, 12));
        await page.getByLabel('Search').fill('<script>');
        await expectText(rows(page), 'h1');
        await checkAccess(page);
    }
    await api('DELETE', '/devices/hostile');
});

test('one odd value does not empty the page', async () => {
    const page = await plant.openPage('', {
        expect: [/Failed to load resource/],
        serviceWorkers: 'block',
    });
    await expectCount(rows(page), 5);
    const good = await api('GET', '/devices/boiler/tags/temp/value');
    const odd = [
        null,
        { ...good, tag: 'level', value: 'x'.repeat(65536), raw: Array(65536).fill(1) },
        { ...good, tag: 'word', quality: 'purple', reason: 'of the moon' },
        { ...good, tag: 'off', value: { an: 'object' }, raw: 'text', quality: null, age_ms: 'old' },
        { ...good, device: 'nobody', tag: 'nothing' },
        { ...good, value: 99.25 },
    ];
    await page.route('**/values/stream', (route) => route.fulfill({ contentType: 'text/event-stream', body: `event: values\ndata:${JSON.stringify(odd)}\n\n` }));
    await page.reload();
    await expectText(row(page, 'temp'), '99.25');
    await expectText(row(page, 'level'), 'xxxx');
    await expectText(row(page, 'word'), 'purple');
    await expectCount(rows(page), 5);
    assert.ok((await row(page, 'level').innerText()).length < 1000);
});

// 10,000 tags of which 1,000 change each second. Nothing is compared with a limit: the figures are reported.
test('ten thousand tags with changing values', async (t) => {
    const devices = Array.from({ length: 200 }, (_, at) => ({
        name: `rack-${String(at).padStart(3, '0')}`,
        mqtt: { topic: `many/${at}` },
        tags: Array.from({ length: 49 }, (_, tag) => ({ name: `t${String(tag).padStart(2, '0')}`, modbus: { type: 'int16', table: 'input_register', scale: 0.1 } })),
    }));
    await api('POST', '/import?changes=none', { devices });
    await call('served');
    const page = await plant.openPage();
    await expectText(page.locator('.foot'), '9,805 tags');
    let over = false;
    const publish = (async () => {
        for (let round = 0; !over; round++) {
            const payload = Object.fromEntries(Array.from({ length: 49 }, (_, tag) => [`t${String(tag).padStart(2, '0')}`, ((round * 7 + tag) % 1000) / 10]));
            await call('publish', { topic: `many/${round % 200}`, payload });
        }
    })();
    for (const [name, place] of [['by name', '#/live'], ['by value', '#/live?sort=-value'], ['searched', '#/live?q=rack']]) {
        await page.evaluate((hash) => (location.hash = hash), place);
        await eventually(async () => (await rows(page).count()) > 10, 'rows');
        const figures = await page.evaluate(async () => {
            const table = document.querySelector('.table');
            const frames = [];
            let step = 92;
            let last = performance.now();
            await new Promise((done) => {
                const draw = () => {
                    const now = performance.now();
                    frames.push(now - last);
                    last = now;
                    table.scrollTop += step;
                    if (table.scrollTop <= 0 || table.scrollTop > 100000) step = -step;
                    if (frames.length < 240) requestAnimationFrame(draw);
                    else done();
                };
                requestAnimationFrame(draw);
            });
            frames.sort((a, b) => a - b);
            const part = (share) => Math.round(frames[Math.floor(share * (frames.length - 1))] * 10) / 10;
            return { median: part(0.5), p95: part(0.95), longest: part(1) };
        });
        t.diagnostic(`${name}: frames of ${figures.median} ms (median), ${figures.p95} ms (95 of 100), ${figures.longest} ms (longest) while scrolling`);
        assert.ok((await rows(page).count()) < 120, 'only the rows on the screen are drawn');
    }
    over = true;
    await publish;
    // Scrolling survives the refresh of values, and a visit to a tag.
    await page.evaluate(() => (location.hash = '#/live'));
    // The table of the search is there until then.
    await eventually(async () => (await page.getByLabel('Search').inputValue()) === '' && (await rows(page).count()) > 10, 'rows');
    const name = 'rack-020/t20'; // in the middle of the rows that are on the screen then
    const target = page.locator(`a[href="#/tags/${name}"]`);
    await eventually(async () => {
        await page.evaluate(() => (document.querySelector('.table').scrollTop = 46000));
        return (await target.count()) > 0;
    }, 'the row');
    await target.click();
    await expectText(page.locator('h1'), 't20');
    await page.goBack();
    await eventually(() => page.evaluate(() => document.querySelector('.table')?.scrollTop === 46000), 'the old place');
});

test('more tags than the page follows: pages, filter and search on the server', async () => {
    const devices = Array.from({ length: 10 }, (_, at) => ({
        name: `wide-${at}`,
        label: at === 7 ? 'The odd one' : '',
        mqtt: { topic: `wide/${at}` },
        tags: Array.from({ length: 50 }, (_, tag) => ({ name: `w${tag}`, modbus: { type: 'int16' } })),
    }));
    await api('POST', '/import?changes=none', { devices });
    await call('served');
    await publishUntil('plant/boiler', { temp: 70, word: 'hot' }, 'boiler', 'word');
    const page = await plant.openPage();
    await expectText(page.locator('.foot'), /200 of 10,305 tags/);
    await expectText(row(page, 'temp'), 'good');
    await call('publish', { topic: 'plant/boiler', payload: { temp: 64.25 } });
    await expectText(row(page, 'temp'), '64.25');
    await page.getByRole('button', { name: 'Next page' }).click();
    await expectText(rows(page).first(), 'rack-');
    const second = await hash(page);
    assert.match(second, /after=/);
    await page.reload();
    await expectText(rows(page).first(), 'rack-');
    await page.getByRole('button', { name: 'First page' }).click();
    await expectText(row(page, 'temp'), '64.25');
    await page.getByLabel('Search').fill('odd one');
    await expectText(page.locator('.foot'), /50 of 50 tags/);
    await show(page, 'Bad').click();
    await expectText(page.locator('main'), 'No tag matches');
    await page.getByRole('button', { name: 'Show all tags' }).click();
    await show(page, 'Bad').click();
    await expectNames(page, ['word']);
    await checkAccess(page);
    await row(page, 'word').click();
    await expectText(page.locator('h1'), 'word');
    await expectText(page.locator('.reading'), 'bad');
});

test('a page of very many tags says when it is lost', async () => {
    const page = await plant.openPage('', { expect: [/Failed to load resource/, /ERR_/] });
    await expectText(row(page, 'temp'), '64.25');
    await call('kill_part', { part: 'api' });
    await expectText(page.getByRole('alert'), /No connection since \d\d:\d\d:\d\d\..*All values are of that time/s);
    await expectText(row(page, 'temp'), '64.25');
    await call('start_part', { part: 'api' });
    await expectGone(page.getByRole('alert'));
});
