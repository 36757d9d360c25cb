// A thousand devices: a table that is read in pages of the server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, checkAccess, eventually, expectText, startPlant } from './harness.mjs';

const plant = await startPlant();
const devices = Array.from({ length: 1000 }, (_, index) => ({ name: `d-${String(index).padStart(4, '0')}`, mqtt: { topic: `many/${index}` }, tags: [{ name: 'v' }] }));
await api('POST', '/import?changes=none', { devices });

test('pages are read as one scrolls, and only what is shown is read again', async () => {
    const page = await plant.openPage('#/devices');
    const table = page.getByRole('grid', { name: 'Devices' });
    await expectText(page.locator('h1'), 'Devices 1,000');
    const asked = [];
    page.on('request', (request) => request.url().includes('/devices?') && asked.push(request.url()));
    await eventually(async () => {
        await table.evaluate((element) => (element.scrollTop = element.scrollHeight));
        // The newest page makes the table longer after it was scrolled to its end.
        return (await table.getAttribute('aria-rowcount')) === '1001' && (await table.innerText()).includes('d-0999');
    }, 'all rows, and the last one in sight');
    assert.ok(asked.every((url) => /limit=100\b/.test(url)), asked.join(' '));
    assert.ok(!asked.some((url) => url.includes('/status')));
    await checkAccess(page);
});

test('the search is made on the server, and the keys choose a device', async () => {
    const page = await plant.openPage('#/devices');
    const table = page.getByRole('grid', { name: 'Devices' });
    await expectText(table, 'd-0000');
    await table.focus();
    await table.press('ArrowDown');
    await table.press('Enter');
    await expectText(page.locator('h1'), /^d-000\d/);
    await page.goBack();
    await page.getByLabel('Search name, label, description').fill('d-077');
    await expectText(page.locator('h1'), 'Devices 10');
    await expectText(page.locator('.card.device').last(), 'd-0779');
});
