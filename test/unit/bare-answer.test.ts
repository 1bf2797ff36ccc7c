/** Which address an answer gives, and which only stands in it. */
import { describe, expect, it } from 'vitest';
import { bareAddressIn } from '../../src/pipeline/reply/bare-answer.ts';
import { loadPolicy } from '../../src/policy.ts';

const policy = loadPolicy(`${import.meta.dirname}/../../policy`);
const OWNER = 'owner@large.example';
const read = (answer: string, language = 'en') =>
  bareAddressIn(answer, { isOurs: (address) => address.endsWith('@partner.example'), languages: [language], policy });

describe('an address that is given', () => {
  it.each([
    ['en', OWNER],
    ['en', `Hello,\n\n<${OWNER}>\n\nKind regards\nAnna Smith`],
    ['en', `Here it is:\n${OWNER.toUpperCase()}`],
    ['en', `${OWNER}\n\nAnna Smith | Senior Consultant | anna@partner.example`],
    ['en', `Sure, it's ${OWNER}. Could you please look into this as soon as possible? Our customer is waiting for us.`],
    ['en', `The address you asked for is ${OWNER}.`],
    ['de', `Die gewünschte Adresse lautet ${OWNER}.`],
    ['es', `La dirección que nos piden es ${OWNER}, gracias.`],
    ['fr', `C'est ${OWNER}`],
    ['ja', `アドレスは${OWNER}です。`],
    ['ja', OWNER],
    ['tr', OWNER],
  ])('%s: %s', (language, answer) => {
    expect(read(answer, language)).toBe(OWNER);
  });
});

describe('an address that only stands there', () => {
  it.each([
    ['en', `That is not ${OWNER}.`],
    ['en', `The super admin is not ${OWNER}, we will find out.`],
    ['de', `Der Superadmin ist nicht ${OWNER}.`],
    ['es', `No es ${OWNER}.`],
    ['ja', `${OWNER}ではありません。`],
    ['en', `Is it ${OWNER}?`],
    ['en', `Could it be ${OWNER}?`],
    ['en', `Please add ${OWNER} in cc.`],
    ['en', `Please remove it@large.example from the list.`],
    ['en', `I asked ${OWNER} who it is.`],
    ['en', `We will ask our customer (${OWNER}).`],
    ['en', `Thank you!\nAnna Smith\nanna.smith77@gmail.example`],
    ['en', `Thank you!\n\nBest regards\nAnna Smith\nanna.smith77@gmail.example`],
    ['en', `${OWNER}\nother@large.example`],
    ['en', 'anna@partner.example'],
    ['pl', `Proszę dopisać ${OWNER} do kopii.`],
  ])('%s: %s', (language, answer) => {
    expect(read(answer, language)).toBeNull();
  });
});
