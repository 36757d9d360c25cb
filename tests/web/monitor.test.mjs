// The screens that show what the gateway does: registers, messages, SCADA, system.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { addDevice, api, call, checkAccess, eventually, expectCount, expectGone, expectText, hostileTexts, publishUntil, startPlant } from './harness.mjs';

const plant = await startPlant({ modbusd: { common__units: '1,5' }, api: { common__units: '1,5' }, mqttd: { common__units: '1,5' } });
const topic = 'plant/boiler/telemetry';
await addDevice('boiler', topic, [
    { name: 'temp', unit: '°C', modbus: { table: 'input_register', address: 100, byte_order: 'CDAB' } },
    { name: 'tenths', unit: 'bar', modbus: { table: 'input_register', address: 103, type: 'int16', scale: 0.1 } },
    { name: 'word', modbus: { table: 'input_register', address: 110, type: 'string', length: 4 } },
    { name: 'alarm', modbus: { table: 'input_register', address: 120, type: 'bool', bit: 3 } },
    { name: 'small', modbus: { table: 'holding_register', address: 7, type: 'uint16' } },
    { name: 'fan', modbus: { table: 'holding_register', address: 30, type: 'uint8', byte: 'high' } },
    { name: 'valve', modbus: { table: 'holding_register', address: 30, type: 'int8' } },
    { name: 'hours', modbus: { table: 'holding_register', address: 32, type: 'bcd32' } },
    { name: 'total', modbus: { table: 'holding_register', address: 34, type: 'uint64', byte_order: 'EFGHABCD' } },
    { name: 'running', modbus: { table: 'discrete_input', address: 0, type: 'bool' } },
], { status: { table: 'input_register', address: 900 } });
await addDevice('plc', 'plant/plc', [{ name: 'flow', modbus: { table: 'holding_register', address: 10 } }], { network: { modbus_host: '127.0.0.1', modbus_port: 9 } });
await publishUntil(topic, { temp: 71.5, tenths: 3.4, word: 'ab<b>', alarm: true, small: 70, fan: 200, valve: -5, hours: 20260131, total: 4294967298, running: true }, 'boiler', 'temp');

const sockets = [];
after(() => sockets.forEach((socket) => socket.destroy()));

// A Modbus client that stays connected; `ask` sends a read and waits for its answer.
async function connectClient() {
    const [host, port] = plant.modbus.split(':');
    const socket = connect(Number(port), host);
    sockets.push(socket);
    await once(socket, 'connect');
    return {
        socket,
        async ask(code, start, count, unit = 1) {
            const frame = Buffer.from([0, 1, 0, 0, 0, 6, unit, code, start >> 8, start & 255, count >> 8, count & 255]);
            socket.write(frame);
            await once(socket, 'data');
        },
    };
}

const inspector = (page) => page.getByRole('complementary', { name: 'Register' });
const cell = (page, name) => page.getByRole('gridcell', { name });
const lost = [/Failed to load resource/, /ERR_/];

test('the map shows owners, gaps and words, and the value in each type and order', async () => {
    const page = await plant.openPage('#/registers?table=input_register');
    await expectText(page.getByRole('grid'), 'Input registers 0–99: free');
    await expectText(page.getByRole('grid'), 'Input registers 121–899: free');
    // 71.5 is 428F 0000; CDAB has the low word first.
    await eventually(() => cell(page, /^input register 101, 428F, boiler\/temp/).count(), 'the word');
    await cell(page, /^input register 101,/).click();
    const own = inspector(page).locator('td.own');
    await expectText(own, /71\.5\s*this tag/);
    await expectText(inspector(page), 'float32, CDAB');
    await expectText(inspector(page).getByRole('row', { name: /^float32/ }), '2.388e-41');
    await expectText(inspector(page), '71.5 °C');
    await cell(page, /^input register 103,/).click();
    await expectText(inspector(page), '3.4 bar');
    await cell(page, /^input register 112,/).click();
    await expectText(inspector(page).getByRole('row', { name: /^text/ }), /ab<b>\s*this tag/);
    await cell(page, /^input register 120,/).click();
    await expectText(inspector(page), 'boiler/alarm bit 3');
    await cell(page, /^input register 900,/).first().click();
    await expectText(inspector(page), '192 good');
});

test('bytes, BCD and the orders of 64 bits in the map', async () => {
    const page = await plant.openPage('#/registers?table=holding_register&at=30');
    await expectText(inspector(page), 'boiler/fan high byte');
    await expectText(inspector(page), 'boiler/valve low byte');
    await expectText(inspector(page).getByRole('row', { name: /^uint8/ }), '200');
    await expectText(inspector(page).getByRole('row', { name: /^int8/ }), '-5');
    await cell(page, /^holding register 33,/).click();
    await expectText(inspector(page).locator('td.own'), /20260131\s*this tag/);
    await cell(page, /^holding register 37,/).click();
    await expectText(inspector(page).locator('td.own'), /4294967298\s*this tag/);
    await expectText(inspector(page), 'uint64, EFGHABCD');
});

test('the map with the keyboard alone', async () => {
    const page = await plant.openPage('#/registers?table=input_register&at=100');
    await expectText(inspector(page), 'Input register 100');
    const grid = page.getByRole('grid');
    await grid.focus();
    await page.keyboard.press('ArrowRight');
    await expectText(inspector(page), 'Input register 101');
    await page.keyboard.press('ArrowDown');
    await expectText(inspector(page), 'Input register 111');
    await page.keyboard.press('End');
    await expectText(inspector(page), 'Input register 909');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Home');
    await expectText(inspector(page), 'Input register 100');
    await page.keyboard.press('Enter');
    await eventually(async () => (await page.evaluate(() => location.hash)) === '#/tags/boiler/temp', 'the tag');
});

test('addresses in each notation, and what is none', async () => {
    const page = await plant.openPage('#/registers?table=input_register');
    const field = page.getByLabel('Address', { exact: true });
    for (const [typed, shown] of [['100', 'Input register 100'], ['300104', 'Input register 103'], ['0x64', 'Input register 100'], ['40008', 'Holding register 7'], ['%MW7', 'Holding register 7'], ['100001', 'Discrete input 0']]) {
        await field.fill(typed);
        await field.press('Enter');
        await expectText(inspector(page), shown);
    }
    for (const typed of ['', 'temp', '99999999', '-1', '<img>']) {
        await field.fill(typed);
        await field.press('Enter');
        await expectText(page.getByRole('alert'), 'Type an offset (100), or a Modicon address');
    }
    await checkAccess(page);
});

test('the next free block', async () => {
    const page = await plant.openPage('#/registers?table=input_register&at=100');
    const field = page.getByLabel('Number of registers');
    await field.fill('6');
    await field.press('Enter');
    await expectText(page.locator('.notices'), 'Registers 104–109 are free. Modicon 300105.');
    await expectText(inspector(page), 'Free: no tag has this register.');
    await field.fill('65000');
    await field.press('Enter');
    await expectText(page.getByRole('alert'), 'No 65,000 free registers in a row are left');
    await field.fill('0');
    await page.getByRole('button', { name: 'Find free block' }).click();
    assert.equal(await field.evaluate((element) => element.validity.valid), false);
});

test('decimal words, another unit, and the registers of another server', async () => {
    const page = await plant.openPage('#/registers?table=input_register&at=103');
    await eventually(() => cell(page, /^input register 103, 0022,/).count(), 'the word in hex');
    await page.getByLabel('Form of the words').selectOption('decimal');
    await eventually(() => cell(page, /^input register 103, 34,/).count(), 'the word in decimal');
    const server = page.getByLabel('Modbus server and unit');
    await server.selectOption({ label: 'Tagferry, unit 5' });
    await expectText(page.locator('main'), 'No tag has a register here.');
    await server.selectOption({ label: '127.0.0.1:9, unit 1' });
    await expectText(page.locator('main'), 'The words are those that Tagferry wrote or polled last.');
    await eventually(() => cell(page, /^holding register 10, ., plc\/flow/).count(), 'the register of the other server');
});

test('print and export', async () => {
    const page = await plant.openPage('#/registers?table=input_register');
    await eventually(() => cell(page, /^input register 100,/).count(), 'the map');
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    await page.emulateMedia({ media: 'print' });
    await expectText(page.locator('.print-map'), /boiler\/temp\s+float32\s+CDAB/);
    assert.equal(await page.locator('#page').isVisible(), false);
    await page.evaluate(() => dispatchEvent(new Event('afterprint')));
    await page.emulateMedia({ media: 'screen' });
    await page.getByRole('button', { name: 'Export' }).click();
    await checkAccess(page);
    for (const [name, file] of [['Map to print', /\.html$/], ['Map as CSV', /\.csv$/], ['Workbook', /\.xlsx$/], ['KEPServerEX', /kepware\.csv$/], ['Ignition', /ignition\.json$/]]) {
        const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: `Save ${name}` }).click()]);
        assert.match(download.suggestedFilename(), file);
    }
    await page.keyboard.press('Escape');
    await expectGone(page.getByRole('dialog'));
});

test('the map follows changes, and says when the words are not current', async () => {
    const page = await plant.openPage('#/registers?table=input_register', { expect: lost });
    await eventually(() => cell(page, /^input register 100,/).count(), 'the map');
    await api('PUT', '/devices/boiler/tags/late', { modbus: { table: 'input_register', address: 106, type: 'int16' } });
    await eventually(() => cell(page, /^input register 106, \w+, boiler\/late/).count(), 'the new tag');
    await api('DELETE', '/devices/boiler/tags/late');
    await eventually(() => cell(page, /^input register 106, \w+, free/).count(), 'the register is free');
    await call('stop_part', { part: 'modbusd' });
    await expectText(page.getByRole('alert'), 'The Modbus server did not serve this request');
    await call('start_part', { part: 'modbusd' });
    await expectGone(page.getByRole('alert'));
});

const messageRow = (page, text) => page.getByRole('row').filter({ hasText: text }).first();
const detail = (page) => page.locator('.card.detail');

test('what became of a message, with the place that matters', async () => {
    const page = await plant.openPage('#/messages');
    await expectText(messageRow(page, topic), '10 written');
    await call('publish', { topic, payload: '{"temp": 1, "tenths": nan}' });
    await messageRow(page, 'not JSON').click();
    await expectText(detail(page), 'JSON has no nan');
    await expectText(detail(page).locator('mark'), 'nan');
    await call('publish', { topic, payload: { temp: 2, small: 70000 } });
    await page.getByRole('button', { name: /Show 1 new message/ }).click();
    await messageRow(page, 'does not fit').click();
    await expectText(detail(page), 'small: the number does not fit into the type');
    await expectText(detail(page).locator('mark'), '70000');
    await expectText(detail(page), 'Choose another type or scale');
    await detail(page).getByRole('button', { name: 'Close' }).click();
    await call('publish', { topic, payload: { Temp: 2 } });
    await messageRow(page, 'no tag found its key').click();
    await expectText(detail(page).getByRole('row', { name: /^temp/ }), 'not there');
    await call('publish', { topic, payload: { base64: Buffer.from('1f8b0800000000000003', 'hex').toString('base64') } });
    await page.getByRole('grid').focus();
    await page.keyboard.press('Escape');
    await messageRow(page, '1f8b08').click();
    await expectText(detail(page), 'It looks like compressed data (gzip)');
    await expectText(detail(page), 'Switch the compression off');
    await expectText(detail(page).getByLabel('Payload in hex'), '0000  1f 8b 08 00');
    await checkAccess(page);
});

test('hostile payloads are text', async () => {
    const page = await plant.openPage('#/messages');
    for (const text of hostileTexts) {
        const payload = JSON.stringify({ temp: text });
        await call('publish', { topic, payload });
        await messageRow(page, payload.slice(9, 20)).click();
        await expectText(detail(page), 'temp: the value is not a number');
        await detail(page).getByRole('button', { name: 'Close' }).click();
    }
    await call('publish', { topic, payload: { temp: 'x'.repeat(60000) } });
    await messageRow(page, 'xxxxxxxxxx').click();
    await expectText(detail(page), /The first 1023 of 60 kB are kept/);
    await detail(page).getByRole('button', { name: 'Close' }).click();
});

test('a fault far behind the beginning of a message is marked', async () => {
    const page = await plant.openPage('#/messages');
    const open = async (payload, begins) => {
        await call('publish', { topic, payload });
        await messageRow(page, begins).click();
    };
    await open(`{"first": "${'x'.repeat(900)}", "temp": none}`, '{"first"');
    await expectText(detail(page).locator('mark'), 'none');
    await expectText(detail(page), 'The fault is at byte 922, which is marked');
    await detail(page).getByRole('button', { name: 'Close' }).click();
    await open(`{"second": "${'x'.repeat(1100)}", "temp": none}`, '{"second"');
    await expectText(detail(page), 'The fault is at byte 1123, behind the part that is kept');
    await detail(page).getByRole('button', { name: 'Close' }).click();
    await open(`{"third": "${'x'.repeat(300)}"`, '{"third"');
    await expectText(detail(page), 'The payload ends at byte 312, before its JSON is complete');
    await detail(page).getByRole('button', { name: 'Close' }).click();
    // In ISO 8859-1: shown in hex.
    const bytes = Buffer.from(`{"fourth": "${'x'.repeat(900)}", "temp": "21 \xb0C"}`, 'latin1');
    await open({ base64: bytes.toString('base64') }, bytes.toString('hex').slice(0, 40));
    await expectText(detail(page).locator('mark'), 'b0');
    const isInView = () => detail(page).locator('mark').evaluate((mark) => mark.getBoundingClientRect().bottom <= mark.parentElement.getBoundingClientRect().bottom);
    await eventually(isInView, 'the mark is scrolled into view');
    await expectText(detail(page), /The fault is at byte 927, which is marked/);
    await checkAccess(page);
});

test('filters, pause, and a device without messages', async () => {
    const page = await plant.openPage('#/messages');
    await call('publish', { topic, payload: { temp: 3 } });
    await call('publish', { topic: 'plant/plc', payload: { flow: 3 } });
    await expectText(messageRow(page, 'plant/plc'), '1 written');
    await page.getByLabel('Topic').fill('PLC');
    await expectGone(page.getByRole('row').filter({ hasText: topic }));
    await page.getByLabel('Topic').fill('');
    await page.getByLabel('Only refused').check();
    await expectGone(page.getByRole('row').filter({ hasText: '1 written' }).filter({ hasNotText: 'refused' }));
    await page.getByLabel('What became of it').selectOption('old');
    await expectText(page.locator('main'), 'No message fits the filter');
    await page.goto(`${plant.url}#/messages?device=plc`);
    await expectText(messageRow(page, 'plant/plc'), '1 written');
    await expectGone(page.getByRole('row').filter({ hasText: topic }));
    await page.getByRole('button', { name: 'Pause' }).click();
    await expectText(page.locator('main'), 'Paused.');
    const rows = await page.getByRole('row').count();
    await call('publish', { topic: 'plant/plc', payload: { flow: 4 } });
    await page.getByRole('button', { name: 'Continue' }).click();
    await expectCount(page.getByRole('row'), rows + 1);
    await api('PUT', '/devices/quiet', { mqtt: { topic: 'plant/quiet' } });
    await page.goto(`${plant.url}#/messages?device=quiet`);
    await expectText(page.locator('main'), 'Nothing has come for quiet');
    await api('DELETE', '/devices/quiet');
});

test('a device of the filter that does not exist', async () => {
    const page = await plant.openPage('#/messages?device=nothing', { expect: lost });
    await expectText(page.getByRole('alert'), 'No device has the name "nothing"');
});

test('on a phone a message opens in a dialog', async () => {
    const page = await plant.openPage('#/messages', { width: 390, height: 800 });
    await messageRow(page, 'boiler').click();
    await expectText(page.getByRole('dialog'), topic);
    await checkAccess(page);
    await page.keyboard.press('Escape');
    await expectGone(page.getByRole('dialog'));
});

test('who is connected, what they ask for, and who was refused', async () => {
    const good = await connectClient();
    const wrong = await connectClient();
    await good.ask(4, 100, 10);
    await wrong.ask(3, 0, 2, 9);
    const browser = await connectClient();
    browser.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(browser.socket, 'close');
    const page = await plant.openPage('#/scada');
    const client = (one) => page.getByRole('row').filter({ hasText: `:${one.socket.localPort}` });
    await expectText(client(good), 'read 10 input registers from 100, unit 1');
    await expectText(client(wrong), 'exception 11: unknown unit');
    await expectText(client(wrong), 'Check the unit id');
    await expectText(page.getByRole('table', { name: 'Refused clients' }), 'It does not speak Modbus TCP');
    await page.getByLabel(/Tagferry's own parts/).check();
    await expectText(page.getByRole('table', { name: 'Connected clients' }), 'Tagferry itself, inputs');
    await expectText(page.locator('.command'), `-p ${plant.modbus.split(':')[1]}`);
    await page.getByLabel(/To test the connection/).selectOption('boiler/temp');
    await expectText(page.locator('.command'), /-a 1 -0 -r 100 -t 3:float -1/);
    await checkAccess(page);
    good.socket.destroy();
    await expectGone(client(good));
});

test('no violation for a screen reader, light and dark, wide and narrow', async () => {
    for (const place of ['registers?table=input_register&at=100', 'messages', 'scada', 'system']) {
        for (const dark of [false, true]) {
            for (const width of [1280, 390]) {
                const page = await plant.openPage(`#/${place}`, { dark, width });
                await eventually(async () => (await page.locator('main .loading').count()) === 0 && page.locator('main h1').count(), place);
                await checkAccess(page);
            }
        }
    }
});

test('SCADA without tagferry-modbusd', async () => {
    const page = await plant.openPage('#/scada', { expect: lost });
    await call('stop_part', { part: 'modbusd' });
    await expectText(page.getByRole('alert'), /tagferry-modbusd does not run.*What to do|tagferry-modbusd does not run/s);
    await checkAccess(page);
    await call('start_part', { part: 'modbusd' });
    await expectGone(page.getByRole('alert'));
});

test('the system: parts, what needs attention, counters, commands', async () => {
    const page = await plant.openPage('#/system', { expect: lost });
    await expectText(page.locator('main'), 'a gateway of its own: no other one shares its configuration');
    assert.equal(await page.getByRole('heading', { name: 'Gateways' }).count(), 0);
    await expectText(page.locator('.parts'), 'The MQTT broker works since');
    await expectText(page.locator('main'), 'The Modbus server 127.0.0.1:9 does not answer for unit 1');
    await eventually(async () => {
        await call('publish', { topic, payload: '{nonsense' });
        return (await page.locator('.attention').innerText()).includes('Messages are refused');
    }, 'refused messages');
    await expectText(page.locator('main'), /Received\s+[\d.,]+\/s/);
    await expectText(page.locator('main'), 'tagferry-api backup');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save all metrics' }).click()]);
    assert.equal(download.suggestedFilename(), 'tagferry-metrics.txt');
    await call('stop_part', { part: 'mqttd' });
    await expectText(page.locator('.parts'), 'tagferry-mqttd does not run');
    await expectText(page.locator('.parts'), 'journalctl -u tagferry-mqttd');
    await expectText(page.locator('.state'), 'tagferry-mqttd does not run');
    await call('stop_part', { part: 'modbusd' });
    await expectText(page.locator('.state'), '2 parts do not work: tagferry-mqttd, tagferry-modbusd');
    await checkAccess(page);
    await call('start_part', { part: 'modbusd' });
    await call('start_part', { part: 'mqttd' });
    await expectText(page.locator('.state'), 'running');
    await call('stop_part', { part: 'broker' });
    await expectText(page.locator('.parts'), /The MQTT broker (cannot be reached|has ended the connection)/);
    await expectText(page.locator('.state'), 'The MQTT broker');
    await call('start_part', { part: 'broker' });
    await expectText(page.locator('.state'), 'running');
});

// Answers /metrics with other numbers: `change` gets the text.
async function withMetrics(page, change) {
    await page.route('**/metrics', async (route) => {
        try {
            const answer = await route.fetch();
            await route.fulfill({ response: answer, body: change(await answer.text()) });
        } catch (error) {
            assert.match(error.message, /closed|disposed/); // the page, at the end of the test
        }
    });
}

const disks = (...rows) => (text) =>
    text.replace(/^tagferry_filesystem_.*\n/gm, '') + rows.map(([use, id, size, free]) => `tagferry_filesystem_size_bytes{use="${use}",filesystem="${id}"} ${size}\ntagferry_filesystem_avail_bytes{use="${use}",filesystem="${id}"} ${free}\n`).join('');

test('the machine: disk, store, versions, memory, and how long each daemon runs', async () => {
    const page = await plant.openPage('#/system', { expect: lost });
    const card = page.locator('.card').filter({ hasText: 'Store and disk' });
    await expectText(card, /[\d.]+ [GM]B of [\d.,]+ [GM]B free/);
    await expectText(card, /Database\s+[\d.]+ [kM]B/);
    await expectText(card, /History\s+[\d.]+ [kM]B/);
    const daemons = page.getByRole('table', { name: 'Daemons' });
    for (const name of ['tagferry-api', 'tagferry-modbusd', 'tagferry-mqttd']) await expectText(daemons.getByRole('row').filter({ hasText: name }), /\d+\.\d+\.\d+\s+[\d.]+ MB\s+(less than a minute|\d+ min)/);
    await call('stop_part', { part: 'mqttd' });
    await expectText(daemons.getByRole('row').filter({ hasText: 'tagferry-mqttd' }), 'does not run');
    await call('start_part', { part: 'mqttd' });
    await expectText(daemons.getByRole('row').filter({ hasText: 'tagferry-mqttd' }), 'MB');
});

test('a disk that gets full, and others that do not', async () => {
    for (const [rows, shown, level] of [
        [[['store', '8:1', 100e9, 4e9], ['image', '8:1', 100e9, 4e9], ['runtime_dir', '0:2', 1e8, 6e7]], 'The disk of the store and the registers is almost full: 4 GB of 100 GB free', 'warning'],
        [[['store', '8:1', 2e9, 1.5e8]], 'The disk is almost full: 150 MB of 2 GB free', 'warning'],
        [[['store', '8:1', 100e9, 50e9], ['runtime_dir', '0:2', 1e8, 0]], 'The disk of the files that the daemons share is almost full: 0 B of 100 MB free', 'wrong'],
        [[['store', '8:1', 4e12, 1.5e11], ['runtime_dir', '0:2', 1e8, 6e7]], null, null],
    ]) {
        const page = await plant.openPage('#/system');
        await withMetrics(page, disks(...rows));
        const attention = page.locator('.attention');
        if (shown) {
            await expectText(attention.locator(`.verdict.${level}`).filter({ hasText: 'disk' }), shown);
            await expectText(attention, /Delete what nobody needs/);
            await expectText(attention.locator('.command'), 'df -h');
        } else {
            await expectText(page.locator('main'), '150 GB of 4,000 GB free');
            await expectGone(attention.getByText('almost full'));
        }
        await checkAccess(page);
    }
});

test('versions that differ after half an upgrade', async () => {
    for (const [api, mqttd, shown] of [
        ['0.2.0', '0.1.0', 'tagferry-mqttd runs 0.1.0, tagferry-api 0.2.0, tagferry-modbusd 0.2.0'],
        ['0.10.0', '0.9.12', 'tagferry-mqttd runs 0.9.12, tagferry-api 0.10.0'],
        ['0.2.0', '0.2.0~rc1', 'tagferry-mqttd runs 0.2.0~rc1, tagferry-api 0.2.0'],
        ['0.2.0', 'unknown', 'tagferry-mqttd runs another version, tagferry-api 0.2.0'],
    ]) {
        const page = await plant.openPage('#/system');
        const info = (daemon, version) => `tagferry_build_info{daemon="${daemon}",version="${version}"} 1\n`;
        await withMetrics(page, (text) => text.replace(/^tagferry_build_info.*\n/gm, '') + info('api', api) + info('modbusd', api) + info('mqttd', mqttd));
        await expectText(page.locator('.attention'), shown);
        await expectText(page.locator('.attention'), 'sudo systemctl restart tagferry-mqttd');
        await expectText(page.getByRole('table', { name: 'Daemons' }).getByRole('row').filter({ hasText: 'tagferry-mqttd' }), 'restart it');
        assert.equal(await page.locator('.attention').getByText('restart tagferry-api').count(), 0);
        await checkAccess(page);
    }
});

test('the devices that are not good are shown in Live', async () => {
    const page = await plant.openPage('#/system');
    await withMetrics(page, (text) => text.replace(/^tagferry_devices.*\n/gm, '') + 'tagferry_devices{quality="bad"} 2\ntagferry_devices{quality="stale"} 1\n');
    for (const [title, show, word] of [['2 devices bad', 'bad', /^Bad/], ['1 device stale', 'stale', /^Stale/]]) {
        await page.locator('.attention li').filter({ hasText: title }).getByRole('link', { name: 'Show them' }).click();
        await eventually(async () => (await page.evaluate(() => location.hash)) === `#/live?show=${show}`, 'Live');
        await eventually(() => page.getByRole('button', { name: word, pressed: true }).count(), 'the filter');
        await page.goto(`${plant.url}#/system`);
    }
});

test('the port of the Modbus server is the one on which it listens', async () => {
    const page = await plant.openPage('#/scada');
    const port = plant.modbus.split(':')[1];
    await expectText(page.locator('main'), `127.0.0.1:${port}. Only clients on this machine can connect`);
    for (const [listen, shown, command] of [
        [[{ address: '0.0.0.0', port: 802, protocol: 'tls' }, { address: '0.0.0.0', port: 1502, protocol: 'tcp' }], 'every address, port 802 (TLS); every address, port 1502', '-p 1502 -a 1 -0 -r 100 -t 3:float -1 127.0.0.1'],
        [[{ address: '127.0.0.1', port: 8502, protocol: 'tcp' }, { address: '10.0.0.7', port: 502, protocol: 'tcp' }], '127.0.0.1:8502; 10.0.0.7:502', '-p 502 -a 1 -0 -r 100 -t 3:float -1 10.0.0.7'],
        [[{ address: '::1', port: 502, protocol: 'tcp' }], '[::1]:502. Only clients on this machine', '-1 ::1'],
    ]) {
        await page.unrouteAll({ behavior: 'ignoreErrors' });
        await page.route('**/modbus/clients', async (route) => {
            try {
                const answer = await route.fetch();
                await route.fulfill({ response: answer, json: { ...(await answer.json()), listen } });
            } catch (error) {
                assert.match(error.message, /closed|disposed/);
            }
        });
        await expectText(page.locator('main'), shown);
        await page.getByLabel(/To test the connection/).selectOption('boiler/temp');
        await expectText(page.locator('.command'), command);
    }
    await checkAccess(page);
});

test('the owners of registers are not sent again while nothing has changed', async () => {
    const path = '/registers/input_register/owners';
    const first = await call('api', { method: 'GET', path });
    const again = await call('api', { method: 'GET', path, headers: { 'If-None-Match': first.etag } });
    assert.equal(again.status, 304);
});
