import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { evaluateExpiry } from '../contract/health/components.ts';
import type { CertificateCheck } from '../contract/health/declarations.ts';
import { type CheckFinding, codeOfError, unhealthy } from '../observe/health/finding.ts';
import { describeNetworkError } from './finding.ts';

interface Presented {
  validTo: number;
  /** Why a client would refuse the certificate; undefined when it would not. */
  refusal: string | undefined;
}

const readCertificate = ({ host, port, timeoutSeconds }: CertificateCheck): Promise<Presented> =>
  new Promise((resolve, reject) => {
    const timeout = AbortSignal.timeout(timeoutSeconds * 1_000);
    // A certificate that clients refuse is what this looks for; nothing is sent on the connection.
    const socket = connect({ host, port, rejectUnauthorized: false, ...(isIP(host) === 0 && { servername: host }) });
    const end = (settle: () => void) => {
      timeout.removeEventListener('abort', onTimeout);
      socket.destroy();
      settle();
    };
    const onTimeout = () => end(() => reject(timeout.reason));
    timeout.addEventListener('abort', onTimeout, { once: true });
    socket.on('error', (error) => end(() => reject(error)));
    socket.once('secureConnect', () => {
      const validTo = Date.parse(socket.getPeerCertificate().valid_to);
      const { authorizationError } = socket as { authorizationError?: unknown };
      const refusal = authorizationError ? codeOfError({ code: authorizationError }) : undefined;
      end(() => resolve({ validTo, refusal }));
    });
  });

const evaluateCertificate = ({ validTo, refusal }: Presented, warnDays: number, now: number): CheckFinding => {
  const finding = evaluateExpiry(validTo, now, warnDays);
  if (finding.status === 'unhealthy') return { ...finding, failure: 'CERT_HAS_EXPIRED' };
  if (refusal !== undefined) return unhealthy(refusal, `clients refuse its certificate (${refusal})`);
  return finding;
};

/** How long the certificate that the host presents is still valid, and whether clients accept it. */
export const checkCertificate = async (check: CertificateCheck, now: number): Promise<CheckFinding> => {
  try {
    return evaluateCertificate(await readCertificate(check), check.warnDays, now);
  } catch (error) {
    return describeNetworkError(error, check.timeoutSeconds);
  }
};
