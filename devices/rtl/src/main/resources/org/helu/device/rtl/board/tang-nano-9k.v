// Tang Nano 9K: its 27 MHz; the serial line is that of the board's USB chip, 1 Mbaud.

`default_nettype none

module helu_board (
  input  wire clk_27mhz,
  input  wire uart_rx,
  output wire uart_tx
);
  helu_shell #(.DIVIDER(27)) shell (.clk(clk_27mhz), .rx(uart_rx), .tx(uart_tx));
endmodule

`default_nettype wire
