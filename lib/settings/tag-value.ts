/** What AWS accepts as the value of a tag: "Tag" in the API references of CloudWatch and IAM. */
export const TAG_VALUE = /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+@-]*$/iu;

export const WRITE_TAG_VALUE =
  'write letters, digits, spaces and _ . : / = + - @, not beginning with aws:, as AWS requires of tags';
