const MAX_REASON = 500;

/** A reason as SQS takes it as the text of an attribute: nothing that is not in XML. */
export const toReason = (text: string): string => text.replace(/[^ -~]/g, '?').slice(0, MAX_REASON) || 'Unknown';
