module greenlight.test/standin

go 1.24
