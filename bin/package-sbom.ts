import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/**
 * Writes the software bill of materials of the package, in the form of CycloneDX: what an app installs with it, in the
 * versions of the lock file, and what is bundled into its code. npm lists it of a package without dependencies for
 * development, because it leaves out whatever these need as well.
 */
export function writeSbom(file: string, bundled: readonly string[]): void {
  const { name, version, license, description, dependencies, devDependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const inCode = Object.fromEntries(bundled.map((packageName) => [packageName, devDependencies[packageName]]));
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-sbom-'));
  const npm = (...args: string[]): string =>
    execFileSync('npm', [...args, '--package-lock-only', '--legacy-peer-deps'], { cwd: folder, encoding: 'utf8' });
  try {
    const manifest = { name, version, license, description, dependencies: { ...dependencies, ...inCode } };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    copyFileSync(join(root, 'package-lock.json'), join(folder, 'package-lock.json'));
    npm('install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--silent');
    const sbom = JSON.parse(npm('sbom', '--sbom-format=cyclonedx', '--sbom-type=library'));
    const { component } = sbom.metadata;
    const written = { ...sbom, metadata: { ...sbom.metadata, component: { ...component, name } } };
    writeFileSync(file, `${JSON.stringify(written, undefined, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
