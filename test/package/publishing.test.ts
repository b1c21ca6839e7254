import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { packPackage, runProgram } from '../support/packed-package.ts';
import { read, root } from '../support/source-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'toolwatch-publishing-'));
const installed = join(folder, 'package');
const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
let tarball = '';
beforeAll(() => {
  tarball = packPackage(folder);
  runProgram('tar', ['-xzf', tarball], { cwd: folder });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package', () => {
  test('can be published, with its provenance, and has what one looks for in it', () => {
    const manifest = readJson(join(installed, 'package.json'));
    expect(manifest).toMatchObject({ license: 'Apache-2.0', publishConfig: { access: 'public', provenance: true } });
    expect(manifest).not.toHaveProperty('private');
    expect(readdirSync(installed)).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist', 'docs', 'sql']));
  });

  test('has exports that every kind of importer resolves', async () => {
    const { messages } = await publint({ pkgDir: installed, strict: true, pack: false });
    expect(messages.filter(({ type }) => type !== 'suggestion')).toEqual([]);
    const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    const { stdout } = runProgram(process.execPath, [attw, tarball, '--format', 'json'], { cwd: folder });
    expect(JSON.parse(stdout).problems).toEqual({});
  });

  test('exports what the reference lists, name by name', () => {
    runProgram('npm', ['run', '--silent', 'api-reference', '--', '--check'], { cwd: root });
  });
});

describe('the software bill of materials', () => {
  interface Locked {
    dependencies?: Record<string, string>;
    optionalDependencies?: Record<string, string>;
    version: string;
    integrity?: string;
  }
  const lock: Record<string, Locked> = JSON.parse(read('package-lock.json')).packages;
  /** Where npm finds a package that the one at `from` needs. */
  const locate = (from: string, name: string): string => {
    const own = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
    if (own in lock || from === '') return own;
    return locate(from.replace(/\/?node_modules\/(?:@[^/]+\/)?[^/]+$/, ''), name);
  };
  const collect = (path: string, found = new Set<string>()): Set<string> => {
    const { dependencies = {}, optionalDependencies = {} } = lock[path] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const at = locate(path, name);
      if (!(at in lock) || found.has(at)) continue;
      found.add(at);
      collect(at, found);
    }
    return found;
  };

  test('is valid CycloneDX', () => {
    const sbom = readJson(join(installed, 'dist/sbom.cdx.json'));
    const schemas = join(root, 'node_modules/@cyclonedx/cyclonedx-library/res/schema');
    const schemaOf = (name: string) => readJson(join(schemas, `${name}.SNAPSHOT.schema.json`));
    const referred = ['spdx', 'jsf-0.82'].map((name) => [
      `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`,
      schemaOf(name),
    ]);
    const ajv = new Ajv({ strict: false, validateFormats: false, schemas: Object.fromEntries(referred) });
    const isValid = ajv.compile(schemaOf(`bom-${sbom.specVersion}`));
    expect([isValid(sbom), isValid.errors]).toEqual([true, null]);
    expect(sbom.metadata.component).toMatchObject({ name: 'toolwatch', type: 'library' });
  });

  test('names every package that an app installs with ours, with its hash, and what is bundled into our code', () => {
    const { components, dependencies } = readJson(join(installed, 'dist/sbom.cdx.json'));
    const named = components.map(({ name, version }: Record<string, string>) => `${name}@${version}`);
    const needed = [...collect('')].map((path) => `${path.replace(/^.*node_modules\//, '')}@${lock[path]?.version}`);
    expect(needed.length).toBeGreaterThan(10);
    expect(needed.filter((name) => !named.includes(name))).toEqual([]);
    const bundled = named
      .filter((name: string) => !needed.includes(name))
      .map((name: string) => name.replace(/@[^@]+$/, ''));
    const clients = ['cloudwatch-logs', 'lambda', 's3', 'sts'].map((name) => `@aws-sdk/client-${name}`);
    const direct = ['cdk-nag', 'citty', '@bomb.sh/tab', ...clients];
    expect(bundled).toEqual(expect.arrayContaining(direct));
    const indirect = direct.flatMap((name) => [...collect(`node_modules/${name}`)]);
    const couldBeBundled = [...direct, ...indirect.map((path) => path.replace(/^.*node_modules\//, ''))];
    expect(bundled.filter((name: string) => !couldBeBundled.includes(name))).toEqual([]);
    for (const { name, hashes } of components) expect(hashes?.[0]?.content, name).toMatch(/^[0-9a-f]{128}$/);
    const refs = new Set(dependencies.map(({ ref }: { ref: string }) => ref));
    expect(components.filter((component: Record<string, string>) => !refs.has(component['bom-ref'] ?? ''))).toEqual([]);
  });
});

describe('a release', () => {
  test('is made by a workflow that npm can identify, after all checks', () => {
    const { on, permissions, jobs } = parse(read('.github/workflows/release.yml'));
    expect(on).toEqual({ workflow_dispatch: null });
    expect(permissions).toEqual({ contents: 'read' });
    expect(jobs.publish.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    const commands = jobs.publish.steps.flatMap(({ run }: { run?: string }) => run ?? []);
    expect(commands).toEqual(['bash .ci/run', expect.stringMatching(/^npm pkg set/), 'npm run release']);
  });

  test('has changes that name the package and say how large they are', () => {
    const changes = readdirSync(join(root, '.changeset')).filter(
      (file) => file.endsWith('.md') && file !== 'README.md',
    );
    for (const file of changes)
      expect(read(`.changeset/${file}`), file).toMatch(/^---\n'toolwatch': (patch|minor|major)\n---\n\n\S/);
    expect(JSON.parse(read('.changeset/config.json')).access).toBe('public');
  });
});
