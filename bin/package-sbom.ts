import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

interface Component {
  'bom-ref': string;
  name: string;
  version: string;
}
interface Sbom {
  metadata: { component: Component };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

/** The components with these references and everything that they need. */
const collectNeeded = ({ dependencies }: Sbom, refs: readonly string[]): Set<string> => {
  const dependsOn = new Map(dependencies.map((dependency) => [dependency.ref, dependency.dependsOn]));
  const needed = new Set(refs);
  // A set yields what is added to it meanwhile.
  for (const ref of needed) for (const other of dependsOn.get(ref) ?? []) needed.add(other);
  return needed;
};

/** The bill without what is neither installed nor bundled: a bundled package needs packages of which no file is used. */
const keepOnly = (sbom: Sbom, isKept: (component: Component) => boolean): Sbom => {
  const components = sbom.components.filter(isKept);
  const refs = new Set([sbom.metadata.component, ...components].map((component) => component['bom-ref']));
  const dependencies = sbom.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) }));
  return { ...sbom, components, dependencies };
};

/** What npm lists of a package that depends on these alone. */
const listWithNpm = (manifest: object): Sbom => {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-sbom-'));
  const npm = (...args: string[]): string =>
    execFileSync('npm', [...args, '--package-lock-only', '--legacy-peer-deps'], { cwd: folder, encoding: 'utf8' });
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    copyFileSync(join(root, 'package-lock.json'), join(folder, 'package-lock.json'));
    npm('install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--silent');
    return JSON.parse(npm('sbom', '--sbom-format=cyclonedx', '--sbom-type=library'));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/**
 * Writes the software bill of materials of the package, in the form of CycloneDX: what an app installs with it, in the
 * versions of the lock file, and what is bundled into its code, given as `name@version`. npm lists it of a package
 * without dependencies for development, because it leaves out whatever these need as well.
 */
export function writeSbom(file: string, bundled: readonly string[]): void {
  const { name, version, license, description, dependencies, devDependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const isBundled = (component: Component) => bundled.includes(`${component.name}@${component.version}`);
  const inCode = Object.fromEntries(
    Object.entries(devDependencies).filter(([key]) => bundled.some((other) => other.startsWith(`${key}@`))),
  );
  const sbom = listWithNpm({ name, version, license, description, dependencies: { ...dependencies, ...inCode } });
  const direct = sbom.components.filter((component) => component.name in dependencies);
  const installed = collectNeeded(
    sbom,
    direct.map((component) => component['bom-ref']),
  );
  const { component } = sbom.metadata;
  const named = { ...sbom, metadata: { ...sbom.metadata, component: { ...component, name } } };
  const written = keepOnly(named, (listed) => installed.has(listed['bom-ref']) || isBundled(listed));
  const missing = bundled.filter(
    (identifier) => !written.components.some((listed) => identifier === `${listed.name}@${listed.version}`),
  );
  if (missing.length > 0) throw new Error(`npm does not list ${missing.join(', ')}, which the code contains.`);
  writeFileSync(file, `${JSON.stringify(written, undefined, 2)}\n`);
}
