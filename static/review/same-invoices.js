// Documents that look like the same invoice: drawn anew once a value that identifies the invoice has changed, or the
// server has refused what was asked.

export class SameInvoices {
  constructor(counters) {
    this.counters = counters;
    document.addEventListener("review:outdated", () => this.reload());
  }

  async reload() {
    const response = await fetch(`${location.pathname}?part=same`).catch(() => null);
    if (!response?.ok || response.redirected) return;
    const template = document.createElement("template");
    template.innerHTML = await response.text();
    const typed = document.getElementById("same-reason")?.value;
    document.getElementById("same-invoices").replaceWith(template.content.querySelector("#same-invoices"));
    const reason = document.getElementById("same-reason");
    if (typed && reason) reason.value = typed;
    this.counters.count();
  }
}
