import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findAddresses, isPublicAddress, PrivateAddress } from '../../../lambdas/deliver/addresses.ts';

const PRIVATE = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
];
const PRIVATE_V6 = [
  '::',
  '::1',
  '::127.0.0.1',
  'fe80::1',
  'fe80::1%eth0',
  'fc00::1',
  'fd00:ec2::254',
  'ff02::1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::a00:1',
  '2002:7f00:1::',
  '2001:db8::1',
  '2001::1',
  '100::1',
];
const PUBLIC = ['1.1.1.1', '52.94.236.248', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '2a00:1450:4001::1'];

describe('an address of the public internet', () => {
  test.each(PUBLIC)('is %s', (address) => expect(isPublicAddress(address)).toBe(true));
  test.each([...PRIVATE, ...PRIVATE_V6])('is not %s', (address) => expect(isPublicAddress(address)).toBe(false));
  test.each(PRIVATE)('is not %s within IPv6', (address) => {
    const hex = address
      .split('.')
      .map((part) => Number(part).toString(16).padStart(2, '0'))
      .join('');
    const tail = `${hex.slice(0, 4)}:${hex.slice(4)}`;
    for (const mapped of [
      `::ffff:${address}`,
      `::ffff:${tail}`,
      `0:0:0:0:0:ffff:${tail}`,
      `64:ff9b::${tail}`,
      `::${tail}`,
    ]) {
      expect(isPublicAddress(mapped), mapped).toBe(false);
    }
  });

  test('is no other text, and asking never fails', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.domain()), (text) => {
        expect(isPublicAddress(text)).toBe(false);
      }),
      {
        examples: [[''], ['1.1.1.1.1'], ['::ffff:1.1.1.1:2']],
      },
    );
    fc.assert(fc.property(fc.oneof(fc.ipV4Extended(), fc.ipV6()), (address) => void isPublicAddress(address)));
  });

  test('is none below the networks that an organization has inside', () => {
    const inside = fc.oneof(
      fc.tuple(fc.constant('10'), fc.nat(255), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.constant('192.168'), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.constant('169.254'), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.constant('172'), fc.integer({ min: 16, max: 31 }), fc.nat(255), fc.nat(255)),
    );
    fc.assert(
      fc.property(inside, (parts) => {
        expect(isPublicAddress(parts.join('.'))).toBe(false);
        expect(isPublicAddress(`::ffff:${parts.join('.')}`)).toBe(false);
      }),
    );
  });
});

describe('the addresses of a host', () => {
  const resolveTo = (...addresses: string[]) => {
    const answers = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    return Object.assign(async () => answers, { answers });
  };

  test('are those on the public internet, without the others', async () => {
    const resolve = resolveTo('10.0.0.1', '1.1.1.1', '::1');
    await expect(findAddresses('a.example', resolve, false)).resolves.toEqual([{ address: '1.1.1.1', family: 4 }]);
    await expect(findAddresses('a.example', resolve, true)).resolves.toEqual(resolve.answers);
  });

  test.each(['localhost', '127.0.0.1', '[::1]', '[::ffff:169.254.169.254]', '2130706433.example'])(
    'are none of %s',
    async (host) => {
      await expect(findAddresses(host, resolveTo('127.0.0.1'), false)).rejects.toThrow(PrivateAddress);
    },
  );

  test('are those that a numeric name of an address stands for', async () => {
    for (const written of ['0x7f.1', '2130706433', '0177.0.0.1', '127.1']) {
      const { hostname } = new URL(`https://${written}/`);
      await expect(findAddresses(hostname, resolveTo('1.1.1.1'), false), written).rejects.toThrow(PrivateAddress);
    }
  });
});
