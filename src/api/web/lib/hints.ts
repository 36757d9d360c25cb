// What to do about each quality: the first thing to look at, in a sentence or two.
import type { Remedy } from './remedies';

export const reasonHints: Record<string, Remedy> = {
    never_heard: {
        title: 'No message has had a value for this tag since tagferry-mqttd started.',
        remedy: 'The chain below shows where it ends. Without a message: does the device publish, and on exactly this topic? Capital letters matter, and with access rules the broker keeps messages back without saying so. With a message: its keys must have the key of this tag.',
    },
    silent: {
        title: 'No live message for longer than the device may be silent (stale after).',
        remedy: 'Look at the device and its network. A retained message alone does not count as live.',
    },
    broker_lost: {
        title: 'tagferry-mqttd has had no connection to the MQTT broker for 5 s.',
        remedy: 'Check the broker, the network between, and [mqttd] broker, user name, password and certificate. Tagferry connects again by itself.',
    },
    mqttd_down: {
        title: 'tagferry-mqttd does not run, so that no message is taken.',
        remedy: 'On the gateway: systemctl status tagferry-mqttd, and journalctl -u tagferry-mqttd -n 50 for the reason. Then systemctl start tagferry-mqttd.',
    },
    modbusd_down: {
        title: 'tagferry-modbusd, which has the registers, does not take the value.',
        remedy: 'On the gateway: systemctl status tagferry-modbusd, and journalctl -u tagferry-modbusd -n 50 for the reason. The value is kept and written when it runs again.',
    },
    target_down: {
        title: "The device's own Modbus server does not take the value.",
        remedy: 'The last error names the server, and the unit if only that does not answer. Check its power, address and port, and the network settings of the device. The value is kept and written later.',
    },
    unavailable: {
        title: 'The device itself says on its availability topic that it is not available.',
        remedy: 'Look at the device. If it is well, compare its availability messages with the payloads in the settings of the device.',
    },
    subscription_refused: {
        title: 'The broker refuses the topic.',
        remedy: "Correct the broker's access rules for the user of tagferry-mqttd, or the topic. The subscription is repeated each minute.",
    },
    not_json: {
        title: 'The newest message of the device is not JSON.',
        remedy: 'The last error begins at the first wrong byte. JSON has no nan and no words without quotes: correct the device, or for a bare word or number set the payload of the tag to text.',
    },
    old_messages: {
        title: 'By its time stamp, the newest message is older than one before.',
        remedy: "Check the device's clock, and its timestamp key. Newer messages are taken again as soon as their time is later than the newest one's.",
    },
    refused: {
        title: 'The newest value was refused. The register keeps the one before.',
        remedy: 'The chain below shows at which step, and what to change.',
    },
    bad_quality: {
        title: 'The device sends with the value that it is not good.',
        remedy: 'Look at the device. If the quality key of the tag is wrong, correct it.',
    },
    expired: {
        title: 'SCADA has not written this setpoint within the time that its settings allow.',
        remedy: 'Look whether SCADA runs, is connected and still writes this register: SCADA lists its connections and what they write. The next write ends this state, also one of the same value.',
    },
    other_gateway: { title: 'Another gateway holds the device.', remedy: 'Its values and registers are there: open the page of that gateway. To have it here, change the gateway of the device, or, if this gateway has no name or a wrong one, [common] gateway in its configuration.' },
    disabled: { title: 'The tag or its device is switched off here.', remedy: 'Switch it on: edit the tag, or enable the device. Its registers stay reserved and keep their values.' },
};

// A tag without a limit for the age of its value stays good for ever.
export const growsOld: Remedy = {
    title: 'The value is good, but no recent message has it.',
    remedy: 'If the device should send more often, look at the chain below. Set "stale after" of the device, so that an old value is shown as stale.',
};

// Messages of the device come, but not with this tag.
export const passedOver: Remedy = {
    title: 'Newer messages of the device do not have this value.',
    remedy: 'If they should, the chain below shows which keys they have. Set "stale after" of the device, so that an old value is shown as stale.',
};
