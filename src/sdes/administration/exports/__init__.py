"""What leaves administration as files: columns and rows of CSV and XLSX, one file a noun."""
