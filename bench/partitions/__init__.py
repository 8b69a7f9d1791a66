"""Whether 記入 and 確認 would be read, written and thrown away faster in partitions by 年度 (docs/adr/0076)."""
