import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { Certificate } from '../../emulator/certificate.ts';

const KEY_ID = 'the-key';

/** Starts a token issuer that publishes its keys on this machine and signs any claims. */
export const startIssuer = async (certificate: Certificate) => {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const { privateKey: foreignKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: KEY_ID, use: 'sig' };
  const server = createServer(certificate, (request, response) => {
    const documents: Record<string, object> = {
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/keys` },
      '/keys': { keys: [jwk] },
    };
    const document = documents[request.url ?? ''];
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? {}));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;

  const nowSeconds = () => Math.floor(Date.now() / 1_000);
  const sign = (claims: JWTPayload, key: CryptoKey) =>
    new SignJWT({ iss: url, aud: 'toolwatch', iat: nowSeconds(), exp: nowSeconds() + 600, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: KEY_ID })
      .sign(key);

  return {
    url,
    /** A token that is valid for ten minutes, unless the given claims make it invalid. */
    token: (claims: JWTPayload = {}) => sign(claims, privateKey),
    /** The same, signed by a foreign key with the same key id. */
    forged: (claims: JWTPayload = {}) => sign(claims, foreignKey),
    secondsFromNow: (seconds: number) => nowSeconds() + seconds,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
