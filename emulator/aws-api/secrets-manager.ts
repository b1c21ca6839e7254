import * as z from 'zod';
import type { SecretsManager } from '../secrets-manager.ts';
import { jsonResponse, operationOf, parseJsonBody, type ServiceApi } from './request.ts';

const getInput = z.object({ SecretId: z.string() });
const putInput = z.object({ SecretId: z.string(), SecretString: z.string() });

/** GetSecretValue and PutSecretValue, of texts. */
export const createSecretsManagerApi =
  (secrets: SecretsManager): ServiceApi =>
  (request, principal) => {
    const operation = operationOf(request, 'secretsmanager');
    if (operation === 'GetSecretValue') {
      const { arn, name, value } = secrets.getValue(principal, getInput.parse(parseJsonBody(request)).SecretId);
      return jsonResponse({ ARN: arn, Name: name, SecretString: value, VersionStages: ['AWSCURRENT'] });
    }
    if (operation === 'PutSecretValue') {
      const { SecretId, SecretString } = putInput.parse(parseJsonBody(request));
      const { arn, name } = secrets.putValue(principal, SecretId, SecretString);
      return jsonResponse({ ARN: arn, Name: name, VersionStages: ['AWSCURRENT'] });
    }
    return undefined;
  };
