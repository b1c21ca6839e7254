import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { Certificate } from '../../emulator/certificate.ts';

const KEY_ID = 'the-key';

/** Publishes its keys on this machine and signs whatever it is told to. */
export const startIssuer = async ({ key, cert }: Certificate) => {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const { privateKey: strangersKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: KEY_ID, use: 'sig' };
  const server = createServer({ key, cert }, (request, response) => {
    const documents: Record<string, object> = {
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/keys` },
      '/keys': { keys: [jwk] },
    };
    const found = documents[request.url ?? ''];
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? {}));
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;

  const seconds = () => Math.floor(Date.now() / 1_000);
  const sign = (claims: JWTPayload, with_: CryptoKey) =>
    new SignJWT({ iss: url, aud: 'toolwatch', iat: seconds(), exp: seconds() + 600, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: KEY_ID })
      .sign(with_);

  return {
    url,
    /** A token that is right for ten minutes, but for the claims that are given. */
    token: (claims: JWTPayload = {}) => sign(claims, privateKey),
    /** The same, signed by somebody else under the same key's name. */
    forged: (claims: JWTPayload = {}) => sign(claims, strangersKey),
    secondsFromNow: (more: number) => seconds() + more,
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
};
