/** Where the text outlives a reload. */
interface Kept {
  read(): string;
  keep(text: string): void;
}

/** What stands in the field that adds a task. A line that was sent off from there is kept until the list has it: what reads it may have to be fetched first. */
export class NewTaskDraft {
  private text: string;
  private readonly onTheirWay = new Set<{ line: string }>();

  constructor(private readonly kept: Kept) {
    this.text = kept.read();
  }

  read(): string {
    return this.text;
  }

  keep(text: string): void {
    this.text = text;
    this.write();
  }

  /** Returns what to call when the list has the line. */
  submit(line: string): () => void {
    const sent = { line };
    this.onTheirWay.add(sent);
    this.write();
    return () => {
      this.onTheirWay.delete(sent);
      this.write();
    };
  }

  private write(): void {
    this.kept.keep([...[...this.onTheirWay].map(({ line }) => line), this.text].filter(Boolean).join(' '));
  }
}
