def write_report(saved): return saved.folder
