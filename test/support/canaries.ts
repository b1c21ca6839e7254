/**
 * A secret of each kind that must never be written, each of which contains `mark`. Assembled here, so that no secret
 * scanner reports this file.
 */
export const createCanaries = (mark: string): string[] => [
  `eyJhbGciOi${mark}.eyJzdWIi${mark}.c2ln${mark}`,
  `AKIA${mark.toUpperCase()}AAAA`.slice(0, 20),
  `sk_${'live'}_${mark}${mark}`,
  `ghp_${mark}${mark}${mark}`,
  `xoxb-${mark}-${mark}`,
  `Bearer ${mark}${mark}`,
  `Authorization: Digest username="${mark}", response="${mark}"`,
  `postgres://app:${mark}@db.internal:5432/shop`,
  `${mark}@example.com`,
  `password=${mark}`,
  `{"client_secret": "${mark}"}`,
  `-----BEGIN RSA PRIVATE KEY-----\n${mark}\n-----END RSA PRIVATE KEY-----`,
];
