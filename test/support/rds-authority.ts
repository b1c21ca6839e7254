import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/** Writes the file that AWS would publish for a region: an authority that says it is that region's. */
export const writeAuthorityOf = async (region: string): Promise<{ file: string; remove: () => void }> => {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-authority-'));
  const file = join(folder, 'bundle.pem');
  const { cert } = await generate([{ name: 'commonName', value: `Amazon RDS ${region} Root CA RSA2048 G1` }], {
    keySize: 2_048,
  });
  writeFileSync(file, cert);
  return { file, remove: () => rmSync(folder, { recursive: true }) };
};
